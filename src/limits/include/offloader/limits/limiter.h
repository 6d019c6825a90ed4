#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "offloader/base/clock.h"
#include "offloader/base/rate.h"
#include "offloader/catalog/limits.h"

// What callers may ask, and how often (identity.md, "Limits").
namespace offloader::limits {

struct Bucket;
class BucketTable;
class Limiter;

enum class Limit : std::uint8_t { rate, concurrent, daily_requests, daily_rows };

// The limiter's answer to one request, and the request's place among those that run. The destructor gives the
// place back. Movable; used by one thread at a time. Must not outlive its Limiter.
class Admission {
 public:
  Admission() = default;
  Admission(Admission&& other) noexcept;
  Admission& operator=(Admission&& other) noexcept;
  ~Admission() { release(); }

  // Returns the limit that the request has reached; nullopt: it may go on.
  [[nodiscard]] std::optional<Limit> refused_by() const { return refused_by_; }
  // How long the caller should wait, at least a second. Requires: the request was refused.
  [[nodiscard]] std::chrono::seconds retry_after() const { return retry_after_; }
  // Appends the lines `ratelimit-policy` and `ratelimit` of the answer; nothing for a caller without limits.
  void append_headers(std::string& out) const;
  // Makes the headers those of another admission.
  void show(const Admission& other) { shown_ = other.shown_; }
  // Whether the request counts as running until this is destroyed.
  [[nodiscard]] bool holds_place() const { return bucket_ != nullptr && concurrent_; }

  // Counts rows that were sent towards the limit of this day. Call it before release().
  void count_rows(std::int64_t rows);
  // Ends the request: it does not count as running any more. Idempotent.
  void release();

 private:
  friend class Limiter;

  // What the headers say of one limit. Times are in seconds; 0: none.
  struct Item {
    Limit limit{};
    std::int64_t quota = 0;
    std::int64_t window = 0;
    std::int64_t left = 0;
    std::int64_t reset = 0;
  };
  struct Shown {
    std::array<Item, 4> items;
    std::size_t count = 0;

    void add(const Item& item) { items[count++] = item; }
  };

  Limiter* limiter_ = nullptr;
  Bucket* bucket_ = nullptr;  // kept in its table by this; null: nothing to give back
  std::size_t shard_ = 0;
  bool concurrent_ = false;
  std::optional<Limit> refused_by_;
  std::chrono::seconds retry_after_{0};
  Shown shown_;
};

// What a caller has used of a day.
struct DayUse {
  std::int64_t requests = 0;
  std::int64_t rows = 0;
};

// Decides whether requests may go on. A caller is known by a name: the id of a key, an issuer with a subject,
// or a network. One object per process, owned by the composition root. Any thread may call it; a call takes
// one of many locks for well under a microsecond, does no I/O, and is exact: of any number of concurrent
// requests exactly as many pass as the bucket has tokens. At most `most_buckets` callers have buckets. Past
// that, a bucket that is full, so that forgetting it changes nothing, makes room for a new caller; if there
// is none, new callers share one bucket.
class Limiter {
 public:
  struct Options {
    std::optional<Rate> default_rate{};  // of callers that have no rate of their own
    std::size_t replicas = 1;            // this process allows one part in so many of each limit
    std::size_t most_buckets = 100'000;
  };

  Limiter(Options options, const Clock& clock);
  ~Limiter();
  Limiter(const Limiter&) = delete;
  Limiter& operator=(const Limiter&) = delete;

  // Returns whether a caller with these limits (null: none of its own) is limited at all.
  [[nodiscard]] bool applies_to(const catalog::Limits* own) const {
    return own != nullptr || options_.default_rate.has_value();
  }
  [[nodiscard]] bool has_default_rate() const { return options_.default_rate.has_value(); }

  // Takes what one request needs: a token, a place among the concurrent ones, and one request of the day. If
  // a limit is reached, takes nothing at all. `now` is the time of the clock.
  [[nodiscard]] Admission admit(std::string_view caller, const catalog::Limits* own, SteadyTime now);

  // Returns what admit() would return now, and takes nothing.
  [[nodiscard]] Admission look(std::string_view caller, const catalog::Limits* own, SteadyTime now);

  // Restores what a caller used of the day before the process started. Requires: before the first request.
  void restore(std::string_view caller, std::chrono::sys_days day, DayUse use);

  // Returns how many callers have a bucket.
  [[nodiscard]] std::size_t buckets() const;

 private:
  friend class Admission;
  struct Terms;
  [[nodiscard]] Terms terms_of(const catalog::Limits* own) const;
  // Takes what the request needs if `take`, and the bucket has it.
  [[nodiscard]] Admission decide(std::string_view caller, const catalog::Limits* own, SteadyTime now,
                                 bool take);

  const Options options_;
  const Clock& clock_;
  const std::unique_ptr<const Terms> default_terms_;  // of callers without limits of their own
  const std::unique_ptr<BucketTable> table_;
};

}  // namespace offloader::limits
