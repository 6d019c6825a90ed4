#include "s3_xml_api.h"

#include <fmt/format.h>

#include <algorithm>

#include "offloader/credentials/testing/request_signature.h"
#include "offloader/transport/testing/dates.h"
#include "offloader/transport/testing/request_text.h"
#include "range_answer.h"

namespace offloader::object_store::testing {
namespace {

// The body quotes the request, as real stores do; none of it may reach a message of ours.
transport::testing::Answer error_answer(const transport::testing::Request& request, int status,
                                        const std::string& code) {
  transport::testing::Answer answer = transport::testing::text_answer(
      status,
      fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>no</Message>"
                  "<Sent>{}</Sent><Token>{}</Token><RequestId>1</RequestId></Error>",
                  code, transport::testing::xml_escaped(request.header("authorization")),
                  transport::testing::xml_escaped(request.header("x-amz-security-token"))),
      "application/xml");
  return answer;
}

}  // namespace

transport::testing::Answer S3XmlApi::operator()(const transport::testing::Request& request) const {
  const bool unsigned_ok = options_.anonymous && request.header("authorization").empty();
  if (!unsigned_ok) {
    const std::string refusal =
        credentials::testing::refusal_of_signature(request, book_, options_.google, options_.region);
    if (refusal == "ExpiredToken" || refusal == "InvalidToken" || refusal == "AuthorizationHeaderMalformed")
      return error_answer(request, 400, refusal);
    if (!refusal.empty()) return error_answer(request, 403, refusal);
  }
  if (request.method != "GET" && request.method != "HEAD")
    return error_answer(request, 405, "MethodNotAllowed");
  std::string bucket;
  std::string key = transport::testing::percent_decoded(request.path).substr(1);
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

transport::testing::Answer S3XmlApi::object(const transport::testing::Request& request,
                                            const StoredObject& found) const {
  const std::string generation = std::to_string(found.generation);
  const std::string match =
      options_.google ? request.header("x-goog-if-generation-match") : request.header("if-match");
  const std::string own = options_.google ? generation : "\"" + found.etag + "\"";
  if (!match.empty() && match != own) return error_answer(request, 412, "PreconditionFailed");
  transport::testing::Answer answer = range_answer(request, found);
  answer.headers.emplace_back("ETag", "\"" + found.etag + "\"");
  if (options_.google) answer.headers.emplace_back("x-goog-generation", generation);
  return answer;
}

transport::testing::Answer S3XmlApi::list(const transport::testing::Request& request,
                                          const std::string& bucket) const {
  if (request.param("list-type") != "2") return error_answer(request, 400, "NotListObjectsV2");
  const bool encoded = request.param("encoding-type") == "url";
  const std::string prefix = request.param("prefix");
  const auto shown = [&](const std::string& text) {
    return encoded ? transport::testing::percent_encoded(text, true) : transport::testing::xml_escaped(text);
  };
  // The token is opaque to clients and needs encoding in a query.
  const std::string token = request.param("continuation-token");
  const std::string after =
      token.empty()
          ? ""
          : transport::testing::percent_decoded(token.substr(std::min<std::size_t>(2, token.size())));
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
    xml +=
        "<NextContinuationToken>" +
        transport::testing::xml_escaped("/+" + transport::testing::percent_encoded(page.back().key, false)) +
        "</NextContinuationToken>";
  }
  for (const StoredObject& object : page) {
    xml += fmt::format(
        "<Contents><Key>{}</Key><LastModified>{}</LastModified><ETag>&quot;{}&quot;</ETag><Size>{}</Size>",
        shown(object.key), transport::testing::iso_date(object.modified), object.etag, object.bytes->size());
    if (options_.google) xml += fmt::format("<Generation>{}</Generation>", object.generation);
    xml += "<StorageClass>STANDARD</StorageClass></Contents>";
  }
  return transport::testing::text_answer(200, xml + "</ListBucketResult>", "application/xml");
}

}  // namespace offloader::object_store::testing
