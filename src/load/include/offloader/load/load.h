#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/base/url.h"
#include "offloader/load/histogram.h"

// A load generator. It sends GET requests over plain HTTP/1.1 keep-alive connections, with sockets and epoll,
// on the calling thread only.
namespace offloader::load {

// One of the requests to send in turn. The generator writes all other headers.
struct Request {
  std::string target;  // a path, with its query
  std::string key;     // sent as a bearer token when not empty
};

struct LoadOptions {
  std::string host;  // a name or an address
  std::uint16_t port = 80;
  std::vector<Request> requests;  // not empty; sent round-robin, shared by all connections
  std::size_t connections = 16;
  std::chrono::milliseconds warm_up{1000};  // before measuring, at the same load; not counted
  std::chrono::milliseconds duration{10000};
  // 0 selects a closed loop: each connection sends its next request as soon as it has an answer. A positive
  // rate selects an open loop: this many requests are due each second, whether or not the server keeps up,
  // and a latency counts from the time when its request was due. A stall therefore shows in every request
  // that it delayed (no coordinated omission).
  double rate = 0;
  std::chrono::milliseconds timeout{5000};  // for connecting, and for one answer
  CancelFlag* cancel = nullptr;             // ends the run early; may be null
};

// One second of the run. The last may be shorter.
struct LoadSecond {
  std::uint64_t answers = 0;
  std::uint64_t failures = 0;
  std::uint64_t p50 = 0;  // ns
  std::uint64_t p99 = 0;  // ns
};

struct LoadReport {
  std::string host;
  std::uint16_t port = 0;
  std::size_t connections = 0;
  double rate = 0;     // requested, per second; 0 for a closed loop
  double seconds = 0;  // measured
  std::map<int, std::uint64_t> statuses;
  std::uint64_t answers = 0;      // complete ones, of any status
  std::uint64_t not_2xx = 0;      // answers with any other status
  std::uint64_t disconnects = 0;  // connections that ended before their answer, or did not send HTTP
  std::uint64_t timeouts = 0;
  std::uint64_t never_sent = 0;  // open loop: due before the end, but no connection was free
  std::uint64_t bytes = 0;       // received, including response heads
  LatencyHistogram latency;      // of answers with a 2xx status
  std::vector<LoadSecond> series;

  [[nodiscard]] double answers_per_second() const {
    return seconds > 0 ? static_cast<double>(answers) / seconds : 0;
  }
  [[nodiscard]] std::uint64_t failures() const { return not_2xx + disconnects + timeouts; }
};

// Runs the load and returns its report. Blocks until the run ends. Errors: `invalid_param` (no requests, no
// connections, or a space or control character in a target or a key), `unavailable` (the host cannot be
// resolved, or does not accept a connection at the start).
[[nodiscard]] Result<LoadReport> run_load(const LoadOptions& options);

// Parses the `http://host[:port][/path]` to send load to. `invalid_param` for anything else, including
// https://.
[[nodiscard]] Result<Url> parse_server_url(const std::string& text);

}  // namespace offloader::load
