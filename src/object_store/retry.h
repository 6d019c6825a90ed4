#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "offloader/base/clock.h"
#include "offloader/object_store/object_store.h"
#include "offloader/object_store/store_options.h"
#include "range_plan.h"
#include "traffic.h"
#include "transport.h"

namespace offloader::object_store {

// One request as its store makes it: built anew, and signed anew, for each try.
struct Attempt {
  std::function<Result<HttpRequest>()> build;
};

// What a conversation of several requests shares.
struct Conversation {
  Traffic* traffic = nullptr;
  std::string operation;  // stat, get, read, list, credentials
  std::string subject;    // a redacted URL, for the log
  SteadyTime deadline{};
  const CancelFlag* cancel = nullptr;
  const std::function<void()>* came = nullptr;  // ObjectStore::Call's
  bool public_only = false;
  std::uint64_t request_limit = kMergeLimit;  // of read_ranges
  // Called after the store refused the credentials, at most once; true when others are to be had.
  std::function<bool()> renew_credentials;
  // Whether the answer says that the credentials are refused; by default 401 and 403.
  std::function<bool(const HttpResponse&)> is_refusal;
};

[[nodiscard]] SteadyTime deadline_of(const ObjectStore::Call& call);

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

// "Wed, 21 Oct 2015 07:28:00 GMT"; nothing for another form.
[[nodiscard]] std::optional<SystemTime> parse_http_date(const std::string& text);

}  // namespace offloader::object_store
