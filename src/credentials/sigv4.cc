#include "offloader/credentials/sigv4.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "offloader/base/crypto.h"
#include "offloader/base/timestamp.h"

namespace offloader::credentials {
namespace {

std::string_view bytes_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Removes leading and trailing spaces and collapses inner runs of spaces.
std::string trimmed(const std::string& value) {
  std::string out;
  for (const char c : value) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out.push_back(c);
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace

SigningDialect aws_dialect(std::string service) {
  SigningDialect dialect;
  dialect.service = std::move(service);
  return dialect;
}

SigningDialect google_dialect() {
  return {"GOOG4-HMAC-SHA256", "GOOG4", "goog4_request", "x-goog-", "storage"};
}

std::string signing_date(SystemTime time) {
  // 2015-08-30T12:36:00Z without its punctuation.
  std::string out;
  for (const char c : to_rfc3339(time)) {
    if (c != '-' && c != ':') out.push_back(c);
  }
  return out;
}

std::string authorization(const SigningDialect& dialect, const SigningKeys& keys, const std::string& region,
                          const std::string& date, const SigningRequest& request) {
  std::string canonical_headers;
  std::string signed_headers;
  for (const auto& [name, value] : request.headers) {
    canonical_headers += name + ":" + trimmed(value) + "\n";
    if (!signed_headers.empty()) signed_headers += ";";
    signed_headers += name;
  }
  const std::string canonical =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, request.path, request.query, canonical_headers,
                  signed_headers, request.payload_hash);
  const std::string day = date.substr(0, 8);
  const std::string scope = fmt::format("{}/{}/{}/{}", day, region, dialect.service, dialect.terminator);
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", dialect.algorithm, date, scope, to_hex(sha256(canonical)));
  Sha256 key = hmac_sha256(dialect.secret_prefix + keys.secret, day);
  key = hmac_sha256(bytes_of(key), region);
  key = hmac_sha256(bytes_of(key), dialect.service);
  key = hmac_sha256(bytes_of(key), dialect.terminator);
  return fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", dialect.algorithm, keys.key_id,
                     scope, signed_headers, to_hex(hmac_sha256(bytes_of(key), to_sign)));
}

}  // namespace offloader::credentials
