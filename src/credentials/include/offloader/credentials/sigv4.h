#pragma once

#include <map>
#include <string>

#include "offloader/base/clock.h"

namespace offloader::credentials {

// Signature V4, implemented here instead of by libcurl's CURLOPT_AWS_SIGV4: a pure function can be tested
// with AWS's published vectors, also signs Google's dialect, and does not depend on how a libcurl release
// canonicalizes.
struct SigningDialect {
  std::string algorithm = "AWS4-HMAC-SHA256";
  std::string secret_prefix = "AWS4";
  std::string terminator = "aws4_request";
  std::string header_prefix = "x-amz-";
  std::string service = "s3";
};

[[nodiscard]] SigningDialect aws_dialect(std::string service);
[[nodiscard]] SigningDialect google_dialect();

struct SigningKeys {
  std::string key_id;
  std::string secret;
};

struct SigningRequest {
  std::string method = "GET";
  std::string path;   // encoded, begins with `/`
  std::string query;  // encoded and sorted
  std::map<std::string, std::string>
      headers;               // lower-case names; all are signed, including `host` and the date
  std::string payload_hash;  // lowercase hex, or UNSIGNED-PAYLOAD
};

// Formats `time` as YYYYMMDDTHHMMSSZ, the format of the date header.
[[nodiscard]] std::string signing_date(SystemTime time);

// Returns the value of the Authorization header. Requires: `date` is in the format of signing_date.
[[nodiscard]] std::string authorization(const SigningDialect& dialect, const SigningKeys& keys,
                                        const std::string& region, const std::string& date,
                                        const SigningRequest& request);

}  // namespace offloader::credentials
