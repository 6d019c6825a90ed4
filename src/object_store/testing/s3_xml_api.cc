#include "s3_xml_api.h"

#include <fmt/format.h>

#include <algorithm>

#include "range_answer.h"
#include "request_signature.h"
#include "request_text.h"

namespace offloader::object_store::testing {
namespace {

// As real stores do, the body quotes what was sent: nothing of it may end in a message.
Answer error_answer(const Request& request, int status, const std::string& code) {
  Answer answer = text_answer(
      status,
      fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>no</Message>"
                  "<Sent>{}</Sent><Token>{}</Token><RequestId>1</RequestId></Error>",
                  code, xml_escaped(request.header("authorization")),
                  xml_escaped(request.header("x-amz-security-token"))),
      "application/xml");
  return answer;
}

}  // namespace

Answer S3XmlApi::operator()(const Request& request) const {
  const bool unsigned_ok = options_.anonymous && request.header("authorization").empty();
  if (!unsigned_ok) {
    const std::string refusal = refusal_of_signature(request, book_, options_.google, options_.region);
    if (refusal == "ExpiredToken" || refusal == "InvalidToken" || refusal == "AuthorizationHeaderMalformed")
      return error_answer(request, 400, refusal);
    if (!refusal.empty()) return error_answer(request, 403, refusal);
  }
  if (request.method != "GET" && request.method != "HEAD")
    return error_answer(request, 405, "MethodNotAllowed");
  std::string bucket;
  std::string key = percent_decoded(request.path).substr(1);
  const std::string host = request.header("host");
  if (const std::size_t at = host.find(".localhost"); at != std::string::npos) {
    bucket = host.substr(0, at);
  } else {
    const std::size_t slash = std::min(key.find('/'), key.size());
    bucket = key.substr(0, slash);
    key.erase(0, slash + 1);
  }
  if (!contents_.has_bucket(bucket)) return error_answer(request, 404, "NoSuchBucket");
  if (key.empty()) return list(request, bucket);
  const auto found = contents_.find(bucket, key);
  if (!found) return error_answer(request, 404, "NoSuchKey");
  return object(request, *found);
}

Answer S3XmlApi::object(const Request& request, const StoredObject& found) const {
  const std::string generation = std::to_string(found.generation);
  const std::string match =
      options_.google ? request.header("x-goog-if-generation-match") : request.header("if-match");
  const std::string own = options_.google ? generation : "\"" + found.etag + "\"";
  if (!match.empty() && match != own) return error_answer(request, 412, "PreconditionFailed");
  Answer answer = range_answer(request, found);
  answer.headers.emplace_back("ETag", "\"" + found.etag + "\"");
  if (options_.google) answer.headers.emplace_back("x-goog-generation", generation);
  return answer;
}

Answer S3XmlApi::list(const Request& request, const std::string& bucket) const {
  if (request.param("list-type") != "2") return error_answer(request, 400, "NotListObjectsV2");
  const bool encoded = request.param("encoding-type") == "url";
  const std::string prefix = request.param("prefix");
  const auto shown = [&](const std::string& text) {
    return encoded ? percent_encoded(text, true) : xml_escaped(text);
  };
  // The token is opaque to clients; its letters need encoding in a query.
  const std::string token = request.param("continuation-token");
  const std::string after =
      token.empty() ? "" : percent_decoded(token.substr(std::min<std::size_t>(2, token.size())));
  auto page = contents_.list(bucket, prefix, after, options_.page_size + 1);
  const bool truncated = page.size() > options_.page_size;
  if (truncated) page.pop_back();
  std::string xml = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
      "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>{}</Name><Prefix>{}</Prefix><KeyCount>{}</"
      "KeyCount>"
      "<IsTruncated>{}</IsTruncated>",
      bucket, shown(prefix), page.size(), truncated);
  if (encoded) xml += "<EncodingType>url</EncodingType>";
  if (truncated) {
    xml += "<NextContinuationToken>" + xml_escaped("/+" + percent_encoded(page.back().key, false)) +
           "</NextContinuationToken>";
  }
  for (const StoredObject& object : page) {
    xml += fmt::format(
        "<Contents><Key>{}</Key><LastModified>{}</LastModified><ETag>&quot;{}&quot;</ETag><Size>{}</Size>",
        shown(object.key), iso_date(object.modified), object.etag, object.bytes->size());
    if (options_.google) xml += fmt::format("<Generation>{}</Generation>", object.generation);
    xml += "<StorageClass>STANDARD</StorageClass></Contents>";
  }
  return text_answer(200, xml + "</ListBucketResult>", "application/xml");
}

}  // namespace offloader::object_store::testing
