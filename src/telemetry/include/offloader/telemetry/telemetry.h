#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "offloader/base/result.h"

// Metrics and the structured log (settings.md, "Logs"; admin-api.md, "Metrics"). The composition root owns
// both and passes references to the other modules. Every function may be called from any thread. Updating a
// metric takes no lock: callers look a handle up once, at setup or when a label set first appears, and the
// handle stays valid as long as the registry. Neither reports errors to its callers: the log is
// asynchronous and bounded, and it drops and counts lines rather than block.
namespace offloader::telemetry {

// Label names and values, in the order in which they are written.
using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double delta) { value_.fetch_add(delta, std::memory_order_relaxed); }
  [[nodiscard]] double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// Counts durations in fixed buckets with inclusive upper bounds from 100 µs to 30 s; the last bucket is
// unbounded.
class Histogram {
 public:
  static constexpr double kBounds[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                       0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30};
  static constexpr std::size_t kBuckets = std::size(kBounds) + 1;

  // Negative durations count as 0 in the sum.
  void observe(double seconds);
  // The observations in one bucket alone, not cumulative. Requires: bucket < kBuckets.
  [[nodiscard]] std::uint64_t count_in(std::size_t bucket) const {
    return buckets_[bucket].load(std::memory_order_relaxed);
  }
  // The sum of all observations, in seconds.
  [[nodiscard]] double sum() const;

 private:
  std::atomic<std::uint64_t> buckets_[kBuckets]{};
  std::atomic<std::uint64_t> nanoseconds_{0};
};

class Metrics {
 public:
  virtual ~Metrics() = default;

  // Returns the series of `name` with these labels, and creates it on the first call. Takes a lock, so keep
  // the reference. The help text of the first call is kept. Requires (not checked): a name has one type and
  // one set of label names.
  virtual Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {}) = 0;
  virtual Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {}) = 0;
  virtual Histogram& histogram(const std::string& name, const std::string& help,
                               const Labels& labels = {}) = 0;

  // Hides every gauge series that has this label (for example a dataset that was removed) until gauge()
  // requests it again. References to it stay valid.
  virtual void remove(const std::string& label, const std::string& value) = 0;

  // Registers a function that exposition() calls first, to set gauges whose values are read on demand. Calls
  // do not overlap. Destroying the returned token unregisters the function, and waits for a call that is
  // running. The function must not register or unregister collectors, and the token must not outlive the
  // registry.
  [[nodiscard]] virtual std::shared_ptr<void> on_collect(std::function<void()> collect) = 0;

  // All metrics in the Prometheus text format, including those of the process.
  [[nodiscard]] virtual std::string exposition() = 0;
};

enum class Level { error, warning, info, debug };

// A named value of a log line. Does not copy the name or a `string_view` value: both must outlive the call.
struct Field {
  using FieldValue = std::variant<std::string, std::string_view, std::int64_t, double, bool>;
  std::string_view name;
  FieldValue value;

  Field(std::string_view n, std::string v) : name(n), value(std::move(v)) {}
  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
  Field(std::string_view n, bool v) : name(n), value(v) {}
  Field(std::string_view n, double v) : name(n), value(v) {}
  template <typename T>
    requires std::is_integral_v<T>
  Field(std::string_view n, T v) : name(n), value(static_cast<std::int64_t>(v)) {}
};

class Log {
 public:
  virtual ~Log() = default;

  [[nodiscard]] virtual bool enabled(Level level) const = 0;

  // Never waits for the log's reader: when the queue is full, the oldest line is dropped and counted. Lines
  // below the configured level are ignored. Secrets in the message and the values are redacted, except at
  // `info`: those lines, mostly access lines, hold ids and numbers and must not quote foreign text.
  virtual void write(Level level, std::string_view message, std::initializer_list<Field> fields) = 0;

  void error(std::string_view message, std::initializer_list<Field> fields = {}) {
    write(Level::error, message, fields);
  }
  void warning(std::string_view message, std::initializer_list<Field> fields = {}) {
    write(Level::warning, message, fields);
  }
  void info(std::string_view message, std::initializer_list<Field> fields = {}) {
    write(Level::info, message, fields);
  }
  void debug(std::string_view message, std::initializer_list<Field> fields = {}) {
    if (enabled(Level::debug)) write(Level::debug, message, fields);
  }

  // Waits until the queued lines are written, for at most one second.
  virtual void flush() = 0;
};

enum class LogFormat { json, text };

struct TelemetryOptions {
  Level level = Level::info;
  LogFormat format = LogFormat::json;
  int log_fd = 2;  // not owned; must stay open as long as the log
};

// The metrics and the log together. Owned by the composition root; outlives every module.
class Telemetry {
 public:
  Telemetry(std::unique_ptr<Metrics> metrics, std::unique_ptr<Log> log)
      : metrics_(std::move(metrics)), log_(std::move(log)) {}

  [[nodiscard]] Metrics& metrics() { return *metrics_; }
  [[nodiscard]] Log& log() { return *log_; }

 private:
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Log> log_;
};

// Starts the thread of the log. `busy` if the system cannot start one.
[[nodiscard]] Result<std::unique_ptr<Telemetry>> make_telemetry(const TelemetryOptions& options);

// For tests and tools: metrics work, log lines are discarded.
[[nodiscard]] std::unique_ptr<Telemetry> make_silent_telemetry();

}  // namespace offloader::telemetry
