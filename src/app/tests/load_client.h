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

// Latencies in microseconds, each within 3 %, in fixed memory.
class LatencyHistogram {
 public:
  void add(std::uint64_t micros) { ++counts_[bucket_of(micros)]; }
  [[nodiscard]] std::uint64_t count() const;
  // The latency that `share` (0 to 1) of them do not exceed, in milliseconds; 0 when there are none.
  [[nodiscard]] double quantile_ms(double share) const;

 private:
  static std::size_t bucket_of(std::uint64_t micros);
  std::array<std::uint64_t, 1024> counts_{};
};

// What a load client saw. Plain bytes: it comes through a pipe.
struct LoadResult {
  LatencyHistogram ok;       // of 200 and 304
  LatencyHistogram shed;     // of 503
  std::uint64_t other = 0;   // answers of any other status
  std::uint64_t errors = 0;  // connections that failed or ended early, requests left without an answer
  std::uint64_t unsent = 0;  // open loop: due, with no connection free to send them on
  std::uint64_t wrong = 0;   // answers that the plan's judge refused
  std::array<char, 1024> first_wrong{};  // what it said of the first of them, cut to fit
  double seconds = 0;
  [[nodiscard]] double rate() const {  // answers of 200 a second
    return seconds > 0 ? static_cast<double>(ok.count()) / seconds : 0;
  }
};

struct LoadPlan {
  std::uint16_t port = 0;
  std::size_t connections = 1;  // closed loop: that many at once; open loop: at most
  double rate = 0;              // 0: closed loop; else requests a second, sent when they are due
  std::chrono::milliseconds duration{0};
  std::uint64_t requests = 0;  // ends after that many, where not 0
  // Opens its connections, sends nothing, and counts as an error each that the server closes, until stopped.
  bool idle = false;
  // The whole text of the n-th request. Called in the client's process.
  std::function<std::string(std::uint64_t n)> request;
  // What is wrong with the answer to the n-th request, where something is. Called in the client's process.
  std::function<std::optional<std::string>(std::uint64_t n, int status, std::string_view body)> judge;
};

// Load from a process of its own. In an open loop the latency counts from when a request was due, so that a
// server that stalls is not spared the requests it kept from being sent. Start it from a process that has no
// threads.
class LoadClient {
 public:
  explicit LoadClient(const LoadPlan& plan);
  ~LoadClient();
  LoadClient(const LoadClient&) = delete;
  LoadClient& operator=(const LoadClient&) = delete;

  // Until all connections of an idle client are open, or have failed to.
  void await_open();
  // Ends its sending before its plan does; finish() waits as ever.
  void stop();
  // Until it ends; an idle one is told to.
  [[nodiscard]] LoadResult finish();

 private:
  pid_t pid_ = -1;
  int results_ = -1;
  int orders_ = -1;
};

[[nodiscard]] LoadResult run_load(const LoadPlan& plan);

// Lets this process have as many files open as the system allows.
void raise_own_file_limit();

}  // namespace offloader::app
