#include "offloader/credentials/testing/request_signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "offloader/base/crypto.h"
#include "offloader/transport/testing/request_text.h"

namespace offloader::credentials::testing {
namespace {

// Returns the value of `name=` in an Authorization header, up to the next comma.
std::string part_of(const std::string& authorization, const std::string& name) {
  const std::size_t at = authorization.find(name + "=");
  if (at == std::string::npos) return {};
  const std::size_t from = at + name.size() + 1;
  return authorization.substr(from, authorization.find(',', from) - from);
}

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, by);) out.push_back(part);
  return out;
}

// Decodes and re-encodes each part, so that a query not sent in canonical form fails the signature check.
std::string canonical_query(const std::string& query) {
  std::vector<std::string> pairs;
  for (const std::string& pair : split(query, '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    pairs.push_back(
        transport::testing::percent_encoded(transport::testing::percent_decoded(pair.substr(0, equals)),
                                            false) +
        "=" +
        transport::testing::percent_encoded(
            transport::testing::percent_decoded(pair.substr(std::min(equals + 1, pair.size()))), false));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const std::string& pair : pairs) out += (out.empty() ? "" : "&") + pair;
  return out;
}

std::string_view bytes_of(const Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace

std::string refusal_of_signature(const transport::testing::Request& request, const CredentialBook& book,
                                 bool google, const std::string& region) {
  const std::string algorithm = google ? "GOOG4-HMAC-SHA256" : "AWS4-HMAC-SHA256";
  const std::string prefix = google ? "x-goog-" : "x-amz-";
  const std::string authorization = request.header("authorization");
  if (!authorization.starts_with(algorithm + " ")) return "AccessDenied";
  const auto scope = split(part_of(authorization, "Credential"), '/');
  const std::string date = request.header(prefix + "date");
  if (scope.size() != 5 || date.size() != 16 || scope[1] != date.substr(0, 8))
    return "AuthorizationHeaderMalformed";
  if (scope[2] != region || scope[3] != (google ? "storage" : "s3") ||
      scope[4] != (google ? "goog4_request" : "aws4_request")) {
    return "AuthorizationHeaderMalformed";
  }
  const auto keys = book.keys_of(scope[0]);
  if (!keys) return "InvalidAccessKeyId";

  const std::string signed_headers = part_of(authorization, "SignedHeaders");
  std::string headers;
  bool host_signed = false;
  for (const std::string& name : split(signed_headers, ';')) {
    headers += name + ":" + request.header(name) + "\n";
    host_signed = host_signed || name == "host";
  }
  if (!host_signed) return "AccessDenied";
  // Every header with the store's prefix must be signed.
  for (const auto& [name, value] : request.headers) {
    if (name.starts_with(prefix) && (";" + signed_headers + ";").find(";" + name + ";") == std::string::npos)
      return "AccessDenied";
  }
  const std::string canonical = fmt::format(
      "{}\n{}\n{}\n{}\n{}\n{}", request.method,
      transport::testing::percent_encoded(transport::testing::percent_decoded(request.path), true),
      canonical_query(request.query), headers, signed_headers, request.header(prefix + "content-sha256"));
  const std::string to_sign = fmt::format("{}\n{}\n{}/{}/{}/{}\n{}", algorithm, date, scope[1], scope[2],
                                          scope[3], scope[4], to_hex(sha256(canonical)));
  Sha256 key = hmac_sha256((google ? "GOOG4" : "AWS4") + keys->secret, scope[1]);
  for (std::size_t i = 2; i < scope.size(); ++i) key = hmac_sha256(bytes_of(key), scope[i]);
  if (to_hex(hmac_sha256(bytes_of(key), to_sign)) != part_of(authorization, "Signature"))
    return "SignatureDoesNotMatch";
  switch (book.judge(*keys, request.header(prefix + "security-token"))) {
    case CredentialBook::Verdict::sound:
      return {};
    case CredentialBook::Verdict::expired:
      return "ExpiredToken";
    case CredentialBook::Verdict::unknown:
      break;
  }
  return "InvalidToken";
}

}  // namespace offloader::credentials::testing
