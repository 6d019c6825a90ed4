#include "offloader/limits/limiter.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "bucket_table.h"
#include "offloader/base/json_text.h"

namespace offloader::limits {
namespace {

using std::chrono::sys_days;

constexpr Nanos kSecond = 1'000'000'000;
constexpr Nanos kMostDepth = Nanos{1} << 60;  // 36 years, so that sums do not overflow

Nanos nanos_of(SteadyTime time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

// The whole seconds that `time` takes, at least 1.
std::int64_t whole_seconds(Nanos time) {
  return std::max<std::int64_t>(1, (time + kSecond - 1) / kSecond);
}

// The day, and how long it lasts.
struct Today {
  sys_days day{};
  Nanos left = 0;
};

Today today_of(SystemTime now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  return {day, std::chrono::nanoseconds(day + std::chrono::days{1} - now).count()};
}

std::string_view name_of(Limit limit) {
  switch (limit) {
    case Limit::rate:
      return "rate";
    case Limit::concurrent:
      return "concurrent";
    case Limit::daily_requests:
      return "daily_requests";
    case Limit::daily_rows:
      return "daily_rows";
  }
  return "";
}

// Text of a bounded size, on the stack: every answer under a limit has it.
class ShortText {
 public:
  template <std::size_t Size>
  void add(const char (&literal)[Size]) {
    std::memcpy(end_, literal, Size - 1);
    end_ += Size - 1;
  }
  void add(std::string_view text) { end_ = std::copy(text.begin(), text.end(), end_); }
  void add(std::int64_t number) { end_ = json::write_int(end_, number); }
  [[nodiscard]] std::string_view view() const {
    return {bytes_.data(), static_cast<std::size_t>(end_ - bytes_.data())};
  }

 private:
  // The names and ends of both lines, and four items in each, with a name of at most 14 bytes, two numbers
  // and what is around them.
  static constexpr std::size_t kMost = 48 + 8 * (14 + 2 * json::kIntegerBytes + 10);
  std::array<char, kMost> bytes_;
  char* end_ = bytes_.data();
};

}  // namespace

// The limits of a caller as this process applies them: its part of what all replicas allow.
struct Limiter::Terms {
  Rate rate;           // as written, for the header
  Nanos interval = 0;  // 0: no rate
  Nanos depth = 0;
  std::int64_t concurrent = 0;  // 0: no limit; likewise below
  std::int64_t daily_requests = 0;
  std::int64_t daily_rows = 0;

  [[nodiscard]] bool daily() const { return daily_requests > 0 || daily_rows > 0; }

  // Brings the bucket up to date, and returns the limit that one more request would break.
  [[nodiscard]] std::optional<Limit> check(Bucket& bucket, Nanos now, const Today& today) const {
    if (interval > 0) bucket.set_rate(interval, depth, now);
    if (daily()) bucket.turn_to(today.day);
    keep(bucket, now, today);
    if (daily_requests > 0 && bucket.requests >= daily_requests) return Limit::daily_requests;
    if (daily_rows > 0 && bucket.rows > daily_rows) return Limit::daily_rows;
    if (interval > 0 && bucket.wait(now) > 0) return Limit::rate;
    if (concurrent > 0 && bucket.running >= concurrent) return Limit::concurrent;
    return std::nullopt;
  }

  // Notes how long the bucket has to be kept. One that is full, and has no counters of the day, can be
  // forgotten.
  void keep(Bucket& bucket, Nanos now, const Today& today) const {
    const bool counted = daily() && (bucket.requests > 0 || bucket.rows > 0);
    bucket.keep_until = std::max(bucket.full_at, counted ? now + today.left : 0);
  }

  [[nodiscard]] static std::chrono::seconds retry_after(Limit refused, const Bucket& bucket, Nanos now,
                                                        const Today& today) {
    const Nanos wait = refused == Limit::rate         ? bucket.wait(now)
                       : refused == Limit::concurrent ? kSecond
                                                      : today.left;
    return std::chrono::seconds(whole_seconds(wait));
  }

  [[nodiscard]] Admission::Shown shown(const Bucket& bucket, Nanos now, const Today& today) const {
    Admission::Shown out;
    if (interval > 0) {
      out.add(
          {Limit::rate, rate.count, rate.seconds, bucket.tokens(now), whole_seconds(bucket.full_at - now)});
    }
    if (concurrent > 0) out.add({Limit::concurrent, concurrent, 0, left(concurrent, bucket.running), 0});
    if (!daily()) return out;
    constexpr std::int64_t kDay = 86400;
    const std::int64_t reset = whole_seconds(today.left);
    if (daily_requests > 0)
      out.add({Limit::daily_requests, daily_requests, kDay, left(daily_requests, bucket.requests), reset});
    if (daily_rows > 0) out.add({Limit::daily_rows, daily_rows, kDay, left(daily_rows, bucket.rows), reset});
    return out;
  }

 private:
  [[nodiscard]] static std::int64_t left(std::int64_t quota, std::int64_t used) {
    return std::max<std::int64_t>(quota - used, 0);
  }
};

Limiter::Limiter(Options options, const Clock& clock)
    : options_(options),
      clock_(clock),
      default_terms_(std::make_unique<const Terms>(terms_of(nullptr))),
      table_(std::make_unique<BucketTable>(options.most_buckets)) {}

Limiter::~Limiter() = default;

Limiter::Terms Limiter::terms_of(const catalog::Limits* own) const {
  Terms out;
  const auto replicas = static_cast<std::int64_t>(options_.replicas);
  const auto part = [&](const std::optional<std::int64_t>& whole) {
    return whole ? std::max<std::int64_t>(1, *whole / replicas) : 0;
  };
  if (own != nullptr) {
    out.concurrent = part(own->concurrent);
    out.daily_requests = part(own->daily_requests);
    out.daily_rows = part(own->daily_rows);
  }
  const std::optional<Rate>& rate = own != nullptr && own->rate ? own->rate : options_.default_rate;
  if (!rate) return out;
  out.rate = *rate;
  const std::int64_t count = rate->count;
  // Rounded up, so that never more passes than the rate allows.
  out.interval = (static_cast<Nanos>(rate->seconds) * kSecond * replicas + count - 1) / count;
  const std::int64_t tokens =
      part(own != nullptr && own->burst ? *own->burst : std::max<std::int64_t>(1, count / rate->seconds));
  out.depth = out.interval * std::min(tokens, std::max<std::int64_t>(1, kMostDepth / out.interval));
  return out;
}

Admission Limiter::decide(std::string_view caller, const catalog::Limits* own, SteadyTime time, bool take) {
  Admission out;
  if (!applies_to(own)) return out;
  const Terms terms = own == nullptr ? *default_terms_ : terms_of(own);
  const Today today = terms.daily() ? today_of(clock_.now()) : Today{};
  const Nanos now = nanos_of(time);
  const Bucket seen = table_->with(caller, now, [&](Bucket& bucket, std::size_t shard) {
    out.refused_by_ = terms.check(bucket, now, today);
    if (out.refused_by_ || !take) return bucket;
    if (terms.interval > 0) bucket.full_at = bucket.full_after_one(now);
    if (terms.daily()) ++bucket.requests;
    if (terms.concurrent > 0) ++bucket.running;
    terms.keep(bucket, now, today);
    if (terms.concurrent > 0 || terms.daily_rows > 0) {
      ++bucket.pins;
      out.limiter_ = this;
      out.bucket_ = &bucket;
      out.shard_ = shard;
      out.concurrent_ = terms.concurrent > 0;
    }
    return bucket;
  });
  if (out.refused_by_) out.retry_after_ = terms.retry_after(*out.refused_by_, seen, now, today);
  out.shown_ = terms.shown(seen, now, today);
  return out;
}

Admission Limiter::admit(std::string_view caller, const catalog::Limits* own, SteadyTime now) {
  return decide(caller, own, now, true);
}

Admission Limiter::look(std::string_view caller, const catalog::Limits* own, SteadyTime now) {
  return decide(caller, own, now, false);
}

void Limiter::restore(std::string_view caller, sys_days day, DayUse use) {
  table_->restore(caller, day, use);
}

std::size_t Limiter::buckets() const {
  return table_->size();
}

Admission::Admission(Admission&& other) noexcept
    : limiter_(other.limiter_),
      bucket_(std::exchange(other.bucket_, nullptr)),
      shard_(other.shard_),
      concurrent_(other.concurrent_),
      refused_by_(other.refused_by_),
      retry_after_(other.retry_after_),
      shown_(other.shown_) {}

Admission& Admission::operator=(Admission&& other) noexcept {
  if (this == &other) return *this;
  release();
  limiter_ = other.limiter_;
  bucket_ = std::exchange(other.bucket_, nullptr);
  shard_ = other.shard_;
  concurrent_ = other.concurrent_;
  refused_by_ = other.refused_by_;
  retry_after_ = other.retry_after_;
  shown_ = other.shown_;
  return *this;
}

void Admission::append_headers(std::string& out) const {
  if (shown_.count == 0) return;
  ShortText text;
  text.add("ratelimit-policy: ");
  for (std::size_t i = 0; i < shown_.count; ++i) {
    const Item& item = shown_.items[i];
    i == 0 ? text.add("\"") : text.add(", \"");
    text.add(name_of(item.limit));
    text.add("\";q=");
    text.add(item.quota);
    if (item.window == 0) continue;
    text.add(";w=");
    text.add(item.window);
  }
  text.add("\r\nratelimit: ");
  for (std::size_t i = 0; i < shown_.count; ++i) {
    const Item& item = shown_.items[i];
    i == 0 ? text.add("\"") : text.add(", \"");
    text.add(name_of(item.limit));
    text.add("\";r=");
    text.add(item.left);
    if (item.reset == 0) continue;
    text.add(";t=");
    text.add(item.reset);
  }
  text.add("\r\n");
  out.append(text.view());
}

void Admission::count_rows(std::int64_t rows) {
  if (bucket_ == nullptr || rows == 0) return;
  const Today today = today_of(limiter_->clock_.now());
  const Nanos until = nanos_of(limiter_->clock_.steady_now()) + today.left;
  limiter_->table_->with(shard_, *bucket_, [&](Bucket& bucket) {
    bucket.turn_to(today.day);
    bucket.rows += rows;
    bucket.keep_until = std::max(bucket.keep_until, until);
  });
}

void Admission::release() {
  Bucket* const bucket = std::exchange(bucket_, nullptr);
  if (bucket == nullptr) return;
  limiter_->table_->with(shard_, *bucket, [&](Bucket& held) {
    --held.pins;
    if (concurrent_) --held.running;
  });
}

}  // namespace offloader::limits
