#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace offloader::app {

// A histogram of latencies in microseconds, accurate to 3%, in fixed memory.
class LatencyHistogram {
 public:
  void add(std::uint64_t micros) { ++counts_[bucket_of(micros)]; }
  [[nodiscard]] std::uint64_t count() const;
  // Returns the latency in milliseconds that `share` (0 to 1) of them do not exceed; 0 if there are none.
  [[nodiscard]] double quantile_ms(double share) const;

 private:
  static std::size_t bucket_of(std::uint64_t micros);
  std::array<std::uint64_t, 1024> counts_{};
};

// The result of a load client. Plain bytes, because it is sent through a pipe.
struct LoadResult {
  LatencyHistogram ok;                   // answers 200 and 304
  LatencyHistogram shed;                 // answers 503
  std::uint64_t other = 0;               // answers with any other status
  std::uint64_t errors = 0;              // connections that failed or ended early, and unanswered requests
  std::uint64_t unsent = 0;              // open loop: requests that were due, but had no free connection
  std::uint64_t wrong = 0;               // answers that the plan's judge rejected
  std::array<char, 1024> first_wrong{};  // the judge's first message, cut to fit
  double seconds = 0;
  [[nodiscard]] double rate() const {  // answers counted in `ok`, per second
    return seconds > 0 ? static_cast<double>(ok.count()) / seconds : 0;
  }
};

struct LoadPlan {
  std::uint16_t port = 0;
  std::size_t connections = 1;  // closed loop: this many; open loop: at most this many
  double rate = 0;              // 0: closed loop; else requests per second, sent when they are due
  std::chrono::milliseconds duration{0};
  std::uint64_t requests = 0;  // stop after this many; 0: no limit
  // Opens its connections, sends nothing, and counts each one that the server closes as an error, until
  // stopped.
  bool idle = false;
  // Returns the whole text of the n-th request. Called in the client's process.
  std::function<std::string(std::uint64_t n)> request;
  // Returns what is wrong with the answer to the n-th request, if anything. Called in the client's process.
  std::function<std::optional<std::string>(std::uint64_t n, int status, std::string_view body)> judge;
};

// Generates load from its own process. In an open loop, latency counts from when a request was due, so a
// server that stalls also pays for the requests it kept from being sent. Requires: the starting process has
// no other threads.
class LoadClient {
 public:
  explicit LoadClient(const LoadPlan& plan);
  ~LoadClient();
  LoadClient(const LoadClient&) = delete;
  LoadClient& operator=(const LoadClient&) = delete;

  // Waits until all connections of an idle client are open or have failed.
  void await_open();
  // Stops sending before the plan ends. finish() is still required.
  void stop();
  // Waits until the client ends, and returns its result. An idle client is stopped first.
  [[nodiscard]] LoadResult finish();

 private:
  pid_t pid_ = -1;
  int results_ = -1;
  int orders_ = -1;
};

[[nodiscard]] LoadResult run_load(const LoadPlan& plan);

// Raises this process's limit on open files to the maximum.
void raise_own_file_limit();

}  // namespace offloader::app
