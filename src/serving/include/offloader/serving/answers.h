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

// What a request asks for, by content: two requests have the same key exactly when they mean the same, of the
// same contract, tenant and snapshot, in the same format.
struct Question {
  std::string key;
  CacheScope scope;
  rows::Format format = rows::Format::json;
};

struct FetchOptions {
  bool cache = false;                // the endpoint's policy
  std::uint64_t fairness_class = 0;  // of the tenant or key
  std::shared_ptr<CancelFlag> gone;  // raised when the one who asks goes away
};

struct Fetched {
  std::shared_ptr<const CachedAnswer> answer;
  std::string_view by;                   // which part of the executor
  std::chrono::nanoseconds duration{0};  // of the query
  bool cached = false;  // no query: another one put it into the cache between find() and fetch()
};

using FetchOutcome = tl::expected<Fetched, executor::Failure>;

// `first` is true for exactly one of those who share a query: who counts and logs it.
using FetchCallback = std::function<void(const FetchOutcome& outcome, bool first)>;

// Cache, ETags and coalescing in front of the executor. Concurrent identical misses run one query and share
// its outcome, a failure too (and none is cached). All wait equally long at most, from when they asked, so
// the query's own bounds end before those of whoever joined it later; each may go away by itself, and the
// query is cancelled when the last has gone. Thread-safe.
class Answers {
 public:
  // `etag_key` is derived from the master secret, so that ETags are equal on every replica and tell nothing
  // to who lacks it.
  // `memory` is what answers that the cache does not hold are counted in; null: unbounded. While it is full
  // no query begins: `no_memory`.
  Answers(executor::Executor& executor, ResponseCache& cache, Sha256 etag_key,
          std::shared_ptr<ByteBudget> memory = nullptr);

  // Which parts of the executor `Fetched::by` may name.
  [[nodiscard]] std::span<const std::string_view> parts() const { return executor_.parts(); }

  [[nodiscard]] static Question question(const ServedEndpoint& endpoint, const query::Plan& plan,
                                         rows::Format format = rows::Format::json);

  // The question's part of the ETag (etag.h).
  [[nodiscard]] std::string tag(const Question& question) const;

  [[nodiscard]] std::shared_ptr<const CachedAnswer> find(std::size_t reader, const Question& question) {
    return cache_.find(reader, question.key);
  }

  // The answer of a query that is looked up within microseconds, for an endpoint that caches nothing: it is
  // over before anybody could join it, so there is nothing to share and nobody to wait. Nothing when the
  // query is one for fetch().
  [[nodiscard]] std::optional<FetchOutcome> answer_at_once(const Question& question, const query::Plan& plan,
                                                           const executor::Snapshot* snapshot);

  // Runs the query, or joins the one that runs already. The callback is called once, from any thread, also
  // from within this call. One that throws is dropped with all that it holds.
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

  // Has the flight's query answered, from the cache or by the executor.
  void start(const std::shared_ptr<Flight>& flight, Question question, query::Plan plan,
             std::shared_ptr<const executor::Snapshot> snapshot, const FetchOptions& options);
  void leave(const std::shared_ptr<Flight>& flight, std::uint64_t waiter);
  // What was written, as an answer, put into the cache where `cache` says so.
  FetchOutcome keep(const Question& question, bool cache, std::uint64_t epoch,
                    const executor::Outcome& answered, rows::Writer& writer);
  void land(const std::shared_ptr<Flight>& flight, FetchOutcome outcome);

  executor::Executor& executor_;
  ResponseCache& cache_;
  Sha256 etag_key_;
  std::shared_ptr<ByteBudget> memory_;
  Mutex flights_mutex_;
  std::unordered_map<std::string, std::shared_ptr<Flight>> flights_ OFFLOADER_GUARDED_BY(flights_mutex_);
  std::uint64_t next_waiter_ OFFLOADER_GUARDED_BY(flights_mutex_) = 0;
};

}  // namespace offloader::serving
