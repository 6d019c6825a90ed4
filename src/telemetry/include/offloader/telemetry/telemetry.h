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

// Metrics and the structured log. Metrics are lock-free to update: handles are looked up once, at setup or
// when a label set first appears, and stay valid as long as the registry. The log is asynchronous and
// bounded: it drops and counts rather than block the caller (settings.md, "Logs"; admin-api.md, "Metrics").
namespace offloader::telemetry {

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

// Seconds, in fixed buckets from 100 µs to 30 s.
class Histogram {
 public:
  static constexpr double kBounds[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                       0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30};
  static constexpr std::size_t kBuckets = std::size(kBounds) + 1;

  void observe(double seconds);
  [[nodiscard]] std::uint64_t count_in(std::size_t bucket) const {
    return buckets_[bucket].load(std::memory_order_relaxed);
  }
  [[nodiscard]] double sum() const;

 private:
  std::atomic<std::uint64_t> buckets_[kBuckets]{};
  std::atomic<std::uint64_t> nanoseconds_{0};
};

class Metrics {
 public:
  virtual ~Metrics() = default;

  // The series of `name` with these labels, made when it is not there yet. Takes a lock: keep the reference.
  // A name has one help text and one set of label names: those of its first call.
  virtual Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {}) = 0;
  virtual Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {}) = 0;
  virtual Histogram& histogram(const std::string& name, const std::string& help,
                               const Labels& labels = {}) = 0;

  // Hides every gauge series that has this label (a dataset or an endpoint that is gone) until it is asked
  // for again. References to it stay valid.
  virtual void remove(const std::string& label, const std::string& value) = 0;

  // Called before each exposition, to set gauges that are read rather than kept. Returns a token that
  // unregisters it.
  [[nodiscard]] virtual std::shared_ptr<void> on_collect(std::function<void()> collect) = 0;

  // Prometheus text format.
  [[nodiscard]] virtual std::string exposition() = 0;
};

enum class Level { error, warning, info, debug };

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

  // Never blocks: past the queue's bound the line is dropped and counted. Messages and values pass the
  // redactor, but for those of `info`: access lines, which hold ids and figures and nothing foreign.
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

  // Writes out what is queued. Bounded by a second.
  virtual void flush() = 0;
};

enum class LogFormat { json, text };

struct TelemetryOptions {
  Level level = Level::info;
  LogFormat format = LogFormat::json;
  int log_fd = 2;
};

// Both, owned by the composition root; outlives every module.
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

[[nodiscard]] std::unique_ptr<Telemetry> make_telemetry(const TelemetryOptions& options);

// For tests and tools: metrics work, the log goes nowhere.
[[nodiscard]] std::unique_ptr<Telemetry> make_silent_telemetry();

}  // namespace offloader::telemetry
