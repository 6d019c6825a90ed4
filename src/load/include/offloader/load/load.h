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

// A load generator: GET requests over plain HTTP/1.1 connections that are kept open, from the calling thread
// alone, on sockets and epoll.
namespace offloader::load {

// What is asked, in turn. `target` is a path with its query; every other header is the generator's.
struct Request {
  std::string target;
  std::string key;  // sent as a bearer token when not empty
};

struct LoadOptions {
  std::string host;  // a name or an address
  std::uint16_t port = 80;
  std::vector<Request> requests;  // not empty; sent round-robin, shared by all connections
  std::size_t connections = 16;
  std::chrono::milliseconds warm_up{1000};  // before measuring, at the same load, counted nowhere
  std::chrono::milliseconds duration{10000};
  // 0 is a closed loop: each connection asks again as soon as it is answered. Otherwise an open loop:
  // requests are due at this many a second, whether or not the server keeps up, and a latency counts from
  // when its request was due. So a stall shows in every request that it held up (no coordinated omission).
  double rate = 0;
  std::chrono::milliseconds timeout{5000};  // for connecting, and for one answer
  CancelFlag* cancel = nullptr;             // ends the run early; may be null
};

// One second of the run.
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
  double rate = 0;     // asked for; 0 when closed
  double seconds = 0;  // measured
  std::map<int, std::uint64_t> statuses;
  std::uint64_t answers = 0;      // complete ones, of any status
  std::uint64_t not_2xx = 0;      // of the answers
  std::uint64_t disconnects = 0;  // connections that ended before their answer, or gave none that is HTTP
  std::uint64_t timeouts = 0;
  std::uint64_t never_sent = 0;  // open loop: due before the end, and no connection was free for them
  std::uint64_t bytes = 0;       // received, heads included
  LatencyHistogram latency;      // of answers with a 2xx status
  std::vector<LoadSecond> series;

  [[nodiscard]] double answers_per_second() const {
    return seconds > 0 ? static_cast<double>(answers) / seconds : 0;
  }
  [[nodiscard]] std::uint64_t failures() const { return not_2xx + disconnects + timeouts; }
};

// Blocking. Errors: unavailable (the address cannot be resolved, or no connection can be made at the start),
// invalid_param (no requests, no connections).
[[nodiscard]] Result<LoadReport> run_load(const LoadOptions& options);

// The `http://host[:port][/path]` that load is put on; `invalid_param` for anything else, TLS among it.
[[nodiscard]] Result<Url> parse_server_url(const std::string& text);

}  // namespace offloader::load
