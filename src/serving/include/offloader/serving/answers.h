#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "offloader/base/byte_budget.h"
#include "offloader/base/cancel.h"
#include "offloader/base/crypto.h"
#include "offloader/base/mutex.h"
#include "offloader/base/result.h"
#include "offloader/executor/executor.h"
#include "offloader/rows/format.h"
#include "offloader/serving/generation.h"
#include "offloader/serving/response_cache.h"

namespace offloader::serving {

// What a request asks for. Two requests have the same key exactly if they mean the same: same contract,
// tenant, snapshot, format and query.
struct Question {
  std::string key;
  CacheScope scope;
  rows::Format format = rows::Format::json;
  bool csv_guard = false;
};

struct FetchOptions {
  bool cache = false;                // whether the endpoint caches answers
  std::uint64_t fairness_class = 0;  // of the tenant, or of the key if it has none
  std::shared_ptr<CancelFlag> gone;  // raised when the client goes away; may be null
};

struct Fetched {
  std::shared_ptr<const CachedAnswer> answer;
  std::string_view by;                   // the part of the executor that answered
  std::chrono::nanoseconds duration{0};  // of the query
  bool cached = false;  // found in the cache by fetch(): another query filled it after find()
};

using FetchOutcome = tl::expected<Fetched, executor::Failure>;

// `first` is true for exactly one of the requests that share a query; that one counts and logs it.
using FetchCallback = std::function<void(const FetchOutcome& outcome, bool first)>;

// Response cache, ETags and request coalescing in front of the executor. Concurrent identical misses run one
// query and share its outcome, including a failure (which is never cached). All waiters have the same time
// limit, counted from when each asked, so a query ends before the limit of a request that joined it later. A
// waiter may leave early; the query is cancelled when the last one has left. Thread-safe.
class Answers {
 public:
  // `etag_key` is derived from the master secret, so that ETags are equal on every replica and reveal nothing
  // without the secret. `memory` counts the answers that the cache does not hold; null: unbounded. While it
  // is full no query starts, and requests fail with `no_memory`. `writers` makes the writers of all answers;
  // null: rows::TextWriters. The references must outlive this and the last callback of the executor.
  Answers(executor::Executor& executor, ResponseCache& cache, Sha256 etag_key,
          std::shared_ptr<ByteBudget> memory = nullptr,
          std::shared_ptr<const rows::WriterMaker> writers = nullptr);

  [[nodiscard]] const rows::WriterMaker& writers() const { return *writers_; }

  // Returns the parts of the executor that `Fetched::by` may name.
  [[nodiscard]] std::span<const std::string_view> parts() const { return executor_.parts(); }

  // Returns the question that `plan` asks. Requires: the endpoint has a snapshot.
  [[nodiscard]] static Question question(const ServedEndpoint& endpoint, const query::Plan& plan,
                                         rows::Format format = rows::Format::json);

  // Returns the question's part of the ETag (etag.h).
  [[nodiscard]] std::string tag(const Question& question) const;

  // Returns the cached answer to the question with this key, or null. Must be called on the thread of
  // `reader`.
  [[nodiscard]] std::shared_ptr<const CachedAnswer> find(std::size_t reader, std::string_view key) {
    return cache_.find(reader, key);
  }

  // Answers a query that takes microseconds, for an endpoint that does not cache. Such a query ends before
  // another request could join it, so it is neither shared nor waited for. Returns nullopt if the query needs
  // fetch().
  [[nodiscard]] std::optional<FetchOutcome> answer_at_once(const Question& question, const query::Plan& plan,
                                                           const executor::Snapshot* snapshot);

  // Runs a query whose writer sends the rows while they are made: neither shared nor cached. The callback is
  // called once, from any thread, possibly within this call.
  void stream(executor::Query query, executor::AnsweredCallback callback);

  // Runs the query, or joins the identical one that is already running. The callback is called once, from any
  // thread, possibly within this call. If it throws, it is dropped with everything it holds, and the other
  // waiters are still called.
  void fetch(Question question, query::Plan plan, std::shared_ptr<const executor::Snapshot> snapshot,
             FetchOptions options, FetchCallback callback);

 private:
  struct Waiter {
    std::uint64_t number = 0;
    FetchCallback callback;
  };
  struct Flight {
    std::string key;
    std::vector<Waiter> waiters;
    std::shared_ptr<CancelFlag> cancel;
    bool landed = false;
  };

  // Answers the query of a flight from the cache or starts it in the executor.
  void start(const std::shared_ptr<Flight>& flight, Question question, query::Plan plan,
             std::shared_ptr<const executor::Snapshot> snapshot, const FetchOptions& options);
  // Removes a waiter and fails it with `reason`. If it was the last one, cancels the query and returns true.
  bool leave(const std::shared_ptr<Flight>& flight, std::uint64_t waiter, ErrorCode reason);
  // Makes an answer of what was written, and inserts it into the cache if `cache` is set.
  FetchOutcome keep(const Question& question, bool cache, std::uint64_t epoch,
                    const executor::Outcome& answered, rows::Writer& writer);
  void land(const std::shared_ptr<Flight>& flight, FetchOutcome outcome);

  executor::Executor& executor_;
  ResponseCache& cache_;
  Sha256 etag_key_;
  std::shared_ptr<ByteBudget> memory_;
  const std::shared_ptr<const rows::WriterMaker> writers_;
  Mutex flights_mutex_;
  std::unordered_map<std::string, std::shared_ptr<Flight>> flights_ OFFLOADER_GUARDED_BY(flights_mutex_);
  std::uint64_t next_waiter_ OFFLOADER_GUARDED_BY(flights_mutex_) = 0;
};

}  // namespace offloader::serving
