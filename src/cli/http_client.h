#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/result.h"

namespace offloader::cli {

struct HttpAnswer {
  long status = 0;
  std::string body;
  std::map<std::string, std::string> headers;   // names in lower case; the last value if repeated
  std::map<std::string, std::string> trailers;  // likewise, those after the body
};

// Sends one request and blocks for the answer. Https requests use HTTPS_PROXY, unless NO_PROXY names the
// host, and verify the server against OFFLOADER_CA_FILE or the system's roots. `headers` are whole lines.
// Fails with `unavailable` if there is no answer in time or its body exceeds 64 MiB.
[[nodiscard]] Result<HttpAnswer> http_get(const std::string& url, const std::vector<std::string>& headers,
                                          std::chrono::milliseconds timeout);
// As http_get(), but accepts any certificate of the server: for a health check, which reaches the server by
// an address that its certificate does not name.
[[nodiscard]] Result<HttpAnswer> http_probe(const std::string& url, std::chrono::milliseconds timeout);
[[nodiscard]] Result<HttpAnswer> http_post(const std::string& url, const std::vector<std::string>& headers,
                                           std::chrono::milliseconds timeout);

// As http_get(), for bodies of any size, which may be compressed on the way: the body of an answer below
// status 300 goes to `sink` in parts, which are called on another thread; the caller waits meanwhile. It
// stops if the sink returns false. Fails with `unavailable` also if the body breaks off, or if the server
// sends nothing for `patience`.
[[nodiscard]] Result<HttpAnswer> http_download(const std::string& url,
                                               const std::vector<std::string>& headers,
                                               std::chrono::seconds patience,
                                               const std::function<bool(std::string_view)>& sink);

}  // namespace offloader::cli
