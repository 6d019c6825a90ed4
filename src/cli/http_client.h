#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "offloader/base/result.h"

namespace offloader::cli {

struct HttpAnswer {
  long status = 0;
  std::string body;
  std::map<std::string, std::string> headers;  // names in lower case; the last value if repeated
};

// Sends one request and blocks for the answer. Https requests use HTTPS_PROXY, unless NO_PROXY names the
// host. `headers` are whole lines. Fails with `unavailable` if there is no answer in time or its body exceeds
// 64 MiB.
[[nodiscard]] Result<HttpAnswer> http_get(const std::string& url, const std::vector<std::string>& headers,
                                          std::chrono::milliseconds timeout);
[[nodiscard]] Result<HttpAnswer> http_post(const std::string& url, const std::vector<std::string>& headers,
                                           std::chrono::milliseconds timeout);

}  // namespace offloader::cli
