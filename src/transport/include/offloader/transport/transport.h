#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/base/clock.h"

namespace offloader::transport {

// Where a part of a response body is stored: bytes [offset, offset + length) of the body are copied to
// `buffer`. Segments are sorted and do not overlap; bytes between them are dropped.
struct BodySegment {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  char* buffer = nullptr;
};

struct HttpRequest {
  std::string method = "GET";        // GET, HEAD, POST, PUT
  std::string url;                   // http or https, as normalized by parse_url; anything else fails
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  // If there are segments, the body of a 206 is copied to them, and more than `expected` bytes are too_large.
  // Any other body is stored in HttpResponse::body: at most `limit` bytes below status 300. An error page is
  // cut at 64 KiB and still counts as answered.
  std::vector<BodySegment> segments;
  std::uint64_t expected = 0;
  std::uint64_t limit = 1 << 20;
  SteadyTime deadline{};
  std::chrono::milliseconds connect_timeout{5000};
  const CancelFlag* cancel = nullptr;
  // Called whenever bytes of the body arrive, on the transport's thread. Must not block or throw.
  const std::function<void()>* came = nullptr;
  // If set, the body of an answer below status 300 goes here in parts, as it arrives, and neither to the
  // segments nor to HttpResponse::body; `limit` does not apply. Called on the transport's thread. It may
  // block, which slows the server down but also holds up every other request of this transport. Must not
  // throw. Returning false ends the transfer as `failed`.
  const std::function<bool(std::string_view)>* sink = nullptr;
  bool decode = false;  // accept compressed answers and decompress them; `received` counts the decoded bytes
  bool public_only = false;  // public addresses only; checked on the connection, or by name behind a proxy
  bool direct = false;       // bypass the proxy, for metadata servers
};

// `refused`: the address is not public. `stalled`: some bytes arrived, then fewer than the transfer floor.
enum class Outcome { answered, failed, timed_out, stalled, cancelled, refused, too_large };

struct HttpResponse {
  Outcome outcome = Outcome::failed;
  std::string failure;  // libcurl's message without the URL, for the log
  int status = 0;
  std::map<std::string, std::string> headers;   // lower-case names; the last of equal ones; at most 200
  std::map<std::string, std::string> trailers;  // likewise; those after the body
  std::string body;
  std::uint64_t received = 0;  // bytes of body

  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
  [[nodiscard]] std::string trailer(const std::string& name) const {
    const auto found = trailers.find(name);
    return found == trailers.end() ? std::string() : found->second;
  }
};

// Performs HTTP requests. Verifies TLS, follows no redirects and does not retry. Any thread.
class Transport {
 public:
  virtual ~Transport() = default;
  // Performs the requests concurrently, blocks until all have ended, and returns the responses in the order
  // of the requests. Failures are in HttpResponse::outcome. Requires: the requests outlive the call.
  [[nodiscard]] virtual std::vector<HttpResponse> perform(const std::vector<HttpRequest>& requests) = 0;
};

// A transfer that stays below this rate for the whole window is ended: as `stalled` if it has received any
// bytes, else as `failed`. Without a floor, a server that drips bytes would occupy its reader until the
// deadline. 0: no floor.
struct TransferFloor {
  long bytes_per_second = 1024;
  std::chrono::seconds window{10};
};

struct TransportOptions {
  std::string ca_file;      // PEM; empty: the system's roots
  std::string https_proxy;  // for https URLs; empty: none
  std::string no_proxy;     // hosts reached without the proxy (proxy_bypass.h)
  TransferFloor floor{};
  bool verify_server = true;  // false: any certificate is accepted, so send no secret
};

// Makes a transport over libcurl's multi interface. One thread of its own, started by the first request, runs
// all transfers and keeps connections open. HTTP/1.1 only, so that parallel range reads use parallel
// connections.
[[nodiscard]] std::shared_ptr<Transport> make_curl_transport(TransportOptions options);

}  // namespace offloader::transport
