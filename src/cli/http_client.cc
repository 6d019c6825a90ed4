#include "http_client.h"

#include <cstdlib>
#include <initializer_list>

#include "offloader/transport/transport.h"

namespace offloader::cli {
namespace {

constexpr std::uint64_t kMaxBody = 64U << 20;

std::string environment(std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    if (const char* const value = std::getenv(name); value != nullptr && *value != '\0') return value;
  }
  return {};
}

Result<HttpAnswer> request(const char* method, const std::string& url,
                           const std::vector<std::string>& headers, std::chrono::milliseconds timeout) {
  transport::TransportOptions options;
  options.https_proxy = environment({"https_proxy", "HTTPS_PROXY"});
  options.no_proxy = environment({"no_proxy", "NO_PROXY"});
  // No minimum speed: an admin action may take long before it sends the first byte.
  options.floor = {.bytes_per_second = 0, .window = std::chrono::seconds(0)};
  transport::HttpRequest asked;
  asked.method = method;
  asked.url = url;
  asked.headers = headers;
  asked.limit = kMaxBody;
  asked.deadline = std::chrono::steady_clock::now() + timeout;
  asked.connect_timeout = timeout;
  transport::HttpResponse got =
      std::move(transport::make_curl_transport(std::move(options))->perform({asked}).front());
  switch (got.outcome) {
    case transport::Outcome::answered:
      return HttpAnswer{got.status, std::move(got.body), std::move(got.headers)};
    case transport::Outcome::timed_out:
      return fail(ErrorCode::unavailable, "no answer within " + std::to_string(timeout.count() / 1000) + " s",
                  url);
    case transport::Outcome::too_large:
      return fail(ErrorCode::unavailable, "the answer is larger than 64 MiB", url);
    default:
      return fail(ErrorCode::unavailable, got.failure, url);
  }
}

}  // namespace

Result<HttpAnswer> http_get(const std::string& url, const std::vector<std::string>& headers,
                            std::chrono::milliseconds timeout) {
  return request("GET", url, headers, timeout);
}

Result<HttpAnswer> http_post(const std::string& url, const std::vector<std::string>& headers,
                             std::chrono::milliseconds timeout) {
  return request("POST", url, headers, timeout);
}

}  // namespace offloader::cli
