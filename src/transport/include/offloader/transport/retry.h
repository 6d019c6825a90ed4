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
  // Doubled each time; a random part of it is waited, from half of it to the whole.
  std::chrono::milliseconds first_pause{200};
  std::chrono::milliseconds longest_pause{5000};
};

// Is told of the answer of each try. Any thread; must not throw.
class RequestObserver {
 public:
  virtual ~RequestObserver() = default;
  virtual void on_answer(const std::string& operation, const HttpResponse& answer) = 0;
};

// One request: built anew, and so signed anew, for each try.
struct Attempt {
  std::function<Result<HttpRequest>()> build;
};

// What a conversation of several requests shares.
struct Conversation {
  RequestObserver* observer = nullptr;  // required
  std::string operation;                // stat, get, read, list, credentials
  std::string subject;                  // a redacted URL, for the log
  SteadyTime deadline{};
  const CancelFlag* cancel = nullptr;
  const std::function<void()>* came = nullptr;  // HttpRequest's
  bool public_only = false;
  // Called after an answer that refuses what the request was authorized with, at most once; true when the
  // request is worth another try.
  std::function<bool()> renew;
  // Whether an answer is such a refusal; by default 401 and 403.
  std::function<bool(const HttpResponse&)> is_refusal;
};

// Performs all attempts side by side until each has an answer that a retry cannot better (any status but 408,
// 429 and 5xx), in the same order: 4 tries, exponential pauses with jitter, Retry-After honoured, all within
// the deadline. A body shorter than asked for is tried again like a broken connection. Errors: timeout,
// cancelled, unavailable, too_large, rejected (an address that the policy forbids).
class Retrier {
 public:
  Retrier(Transport& transport, RetryOptions options, std::chrono::milliseconds connect_timeout)
      : transport_(transport), options_(options), connect_timeout_(connect_timeout) {}

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

// The pause that a Retry-After asks for: seconds, or a date to which `now` is compared.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_after(const std::string& header, SystemTime now);

}  // namespace offloader::transport
