#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "offloader/base/clock.h"
#include "offloader/base/result.h"
#include "offloader/transport/transport.h"

namespace offloader::transport {

struct RetryOptions {
  int tries = 4;
  // Doubled after each try. The actual pause is random, between half of it and all of it.
  std::chrono::milliseconds first_pause{200};
  std::chrono::milliseconds longest_pause{5000};
};

// Receives the answer of each try, on the thread that performs the request. Must be safe to call from any
// thread and must not throw.
class RequestObserver {
 public:
  virtual ~RequestObserver() = default;
  virtual void on_answer(const std::string& operation, const HttpResponse& answer) = 0;
};

// One request, which is built (and therefore signed) again for each try.
struct Attempt {
  std::function<Result<HttpRequest>()> build;
};

// Settings that all requests of one operation share.
struct Conversation {
  RequestObserver* observer = nullptr;  // required
  std::string operation;                // stat, get, read, list, credentials
  std::string subject;                  // a redacted URL, for the log
  SteadyTime deadline{};
  const CancelFlag* cancel = nullptr;
  const std::function<void()>* came = nullptr;  // see HttpRequest::came
  bool public_only = false;
  // Called at most once, after an answer that rejects the request's credentials. Returns true if the request
  // should be tried again.
  std::function<bool()> renew;
  // Returns whether an answer rejects the credentials; by default 401 and 403 do.
  std::function<bool(const HttpResponse&)> is_refusal;
};

// Performs requests with retries, 4 tries by default. Any thread. `transport` must outlive it.
class Retrier {
 public:
  Retrier(Transport& transport, RetryOptions options, std::chrono::milliseconds connect_timeout)
      : transport_(transport), options_(options), connect_timeout_(connect_timeout) {}

  // Performs all attempts concurrently until each has a final answer, which is any status but 408, 429 and
  // 5xx. Returns the answers in the order of the attempts. Waits between tries for an exponential pause with
  // jitter, or longer if Retry-After asks for it, and never beyond the deadline. A 206 with a short body is
  // retried like a broken connection. Blocks. Errors: timeout, cancelled, unavailable, too_large, rejected (a
  // forbidden address), and any error of Attempt::build.
  [[nodiscard]] Result<std::vector<HttpResponse>> perform(const std::vector<Attempt>& attempts,
                                                          const Conversation& with);
  [[nodiscard]] Result<HttpResponse> perform(const Attempt& attempt, const Conversation& with);

 private:
  [[nodiscard]] Result<void> pause(int tried, const std::vector<HttpResponse>& failed,
                                   const Conversation& with) const;

  Transport& transport_;
  RetryOptions options_;
  std::chrono::milliseconds connect_timeout_;
};

// Returns the pause that a Retry-After header asks for: seconds, or a date relative to `now`. Returns nullopt
// if it is neither.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_after(const std::string& header, SystemTime now);

}  // namespace offloader::transport
