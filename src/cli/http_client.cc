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

transport::HttpRequest prepared(const char* method, const std::string& url,
                                const std::vector<std::string>& headers, std::chrono::milliseconds timeout) {
  transport::HttpRequest asked;
  asked.method = method;
  asked.url = url;
  asked.headers = headers;
  asked.limit = kMaxBody;
  asked.deadline = std::chrono::steady_clock::now() + timeout;
  asked.connect_timeout = timeout;
  return asked;
}

Result<HttpAnswer> perform(const transport::HttpRequest& asked, transport::TransferFloor floor,
                           std::chrono::seconds timeout, bool verify_server = true) {
  transport::TransportOptions options;
  options.ca_file = environment({"OFFLOADER_CA_FILE"});
  options.verify_server = verify_server;
  options.https_proxy = environment({"https_proxy", "HTTPS_PROXY"});
  options.no_proxy = environment({"no_proxy", "NO_PROXY"});
  options.floor = floor;
  transport::HttpResponse got =
      std::move(transport::make_curl_transport(std::move(options))->perform({asked}).front());
  const auto within = [](std::chrono::seconds span) { return std::to_string(span.count()) + " s"; };
  switch (got.outcome) {
    case transport::Outcome::answered:
      return HttpAnswer{got.status, std::move(got.body), std::move(got.headers), std::move(got.trailers)};
    case transport::Outcome::timed_out:
      return fail(ErrorCode::unavailable, "no answer within " + within(timeout), asked.url);
    case transport::Outcome::stalled:
      return fail(ErrorCode::unavailable, "the server sent nothing for " + within(floor.window), asked.url);
    case transport::Outcome::too_large:
      return fail(ErrorCode::unavailable, "the answer is larger than 64 MiB", asked.url);
    default:
      return fail(ErrorCode::unavailable, got.failure, asked.url);
  }
}

Result<HttpAnswer> request(const char* method, const std::string& url,
                           const std::vector<std::string>& headers, std::chrono::milliseconds timeout,
                           bool verify_server = true) {
  // No minimum speed: an admin action may take long before it sends the first byte.
  return perform(prepared(method, url, headers, timeout),
                 {.bytes_per_second = 0, .window = std::chrono::seconds(0)},
                 std::chrono::floor<std::chrono::seconds>(timeout), verify_server);
}

}  // namespace

Result<HttpAnswer> http_get(const std::string& url, const std::vector<std::string>& headers,
                            std::chrono::milliseconds timeout) {
  return request("GET", url, headers, timeout);
}

Result<HttpAnswer> http_probe(const std::string& url, std::chrono::milliseconds timeout) {
  return request("GET", url, {}, timeout, false);
}

Result<HttpAnswer> http_post(const std::string& url, const std::vector<std::string>& headers,
                             std::chrono::milliseconds timeout) {
  return request("POST", url, headers, timeout);
}

Result<HttpAnswer> http_download(const std::string& url, const std::vector<std::string>& headers,
                                 std::chrono::seconds patience,
                                 const std::function<bool(std::string_view)>& sink) {
  constexpr std::chrono::hours kLongest{24};
  constexpr std::chrono::seconds kConnect{30};
  transport::HttpRequest asked = prepared("GET", url, headers, kLongest);
  asked.connect_timeout = kConnect;
  asked.sink = &sink;
  asked.decode = true;
  return perform(asked, {.bytes_per_second = 1, .window = patience}, kLongest);
}

}  // namespace offloader::cli
