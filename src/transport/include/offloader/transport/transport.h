#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/base/clock.h"

namespace offloader::transport {

// Where a part of a response's body goes: bytes [offset, offset + length) of the body into `buffer`. Segments
// are sorted and do not overlap; what lies between them is dropped.
struct BodySegment {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  char* buffer = nullptr;
};

struct HttpRequest {
  std::string method = "GET";        // GET, HEAD, POST, PUT
  std::string url;                   // of http or https; sent as parse_url reads it, anything else fails
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  // With segments, the body of a 206 goes there and must be `expected` bytes long; every other body, and
  // every body without segments, to HttpResponse::body, of at most `limit` bytes.
  std::vector<BodySegment> segments;
  std::uint64_t expected = 0;
  std::uint64_t limit = 1 << 20;
  SteadyTime deadline{};
  std::chrono::milliseconds connect_timeout{5000};
  const CancelFlag* cancel = nullptr;
  // Called whenever bytes of the body arrive, on the transport's thread: it must neither block nor throw.
  const std::function<void()>* came = nullptr;
  bool public_only = false;  // only addresses of the public Internet, checked on the connection itself
  bool direct = false;       // past the proxy: metadata servers
};

// `stalled`: bytes came, and then for a while fewer than the floor.
enum class Outcome { answered, failed, timed_out, stalled, cancelled, refused, too_large };

struct HttpResponse {
  Outcome outcome = Outcome::failed;
  std::string failure;  // libcurl's words, without URL; for the log
  int status = 0;
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;
  std::uint64_t received = 0;  // bytes of body

  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

// Performs requests side by side and returns when all are over, in the same order. Blocking; any thread.
// Verifies TLS, follows no redirect, retries nothing.
class Transport {
 public:
  virtual ~Transport() = default;
  [[nodiscard]] virtual std::vector<HttpResponse> perform(const std::vector<HttpRequest>& requests) = 0;
};

// A transfer that brings fewer bytes a second than this, over the window, is ended as `stalled`: a server
// that drips would hold its reader until the deadline. One that sends nothing at all is below it, too. 0: no
// floor.
struct TransferFloor {
  long bytes_per_second = 1024;
  std::chrono::seconds window{10};
};

struct TransportOptions {
  std::string ca_file;
  std::string https_proxy;
  std::string no_proxy;
  TransferFloor floor{};
};

// libcurl multi, driven by one thread of its own, which starts with the first request, with kept connections.
// HTTP/1.1 only: ranges in parallel are meant to be connections in parallel.
[[nodiscard]] std::shared_ptr<Transport> make_curl_transport(TransportOptions options);

}  // namespace offloader::transport
