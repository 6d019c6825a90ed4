#include "registry.h"

#include <algorithm>
#include <list>
#include <map>

#include "offloader/base/mutex.h"
#include "process_metrics.h"
#include "text_format.h"

namespace offloader::telemetry {
namespace {

template <typename T>
struct Series {
  T value;
  std::string labels;   // rendered
  bool hidden = false;  // removed, but kept because a request in flight may hold a reference
};

template <typename T>
struct Family {
  std::string help;
  std::map<Labels, std::unique_ptr<Series<T>>> series;
};

template <typename T>
using Families = std::map<std::string, Family<T>>;

void append(std::string& out, std::string_view name, std::string_view labels, const Counter& counter) {
  append_sample(out, name, labels, static_cast<double>(counter.value()));
}

void append(std::string& out, std::string_view name, std::string_view labels, const Gauge& gauge) {
  append_sample(out, name, labels, gauge.value());
}

void append(std::string& out, std::string_view name, std::string_view labels, const Histogram& histogram) {
  append_histogram(out, name, labels, histogram);
}

class Registry final : public Metrics {
 public:
  Counter& counter(const std::string& name, const std::string& help, const Labels& labels) override {
    const MutexLock lock(families_mutex_);
    return series_of(counters_, name, help, labels);
  }
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels) override {
    const MutexLock lock(families_mutex_);
    return series_of(gauges_, name, help, labels);
  }
  Histogram& histogram(const std::string& name, const std::string& help, const Labels& labels) override {
    const MutexLock lock(families_mutex_);
    return series_of(histograms_, name, help, labels);
  }

  void remove(const std::string& label, const std::string& value) override {
    const MutexLock lock(families_mutex_);
    for (auto& [name, family] : gauges_) {
      for (auto& [labels, series] : family.series) {
        if (std::find(labels.begin(), labels.end(), std::pair(label, value)) != labels.end())
          series->hidden = true;
      }
    }
  }

  std::shared_ptr<void> on_collect(std::function<void()> collect) override {
    const MutexLock lock(collectors_mutex_);
    collectors_.push_back(std::move(collect));
    const auto at = std::prev(collectors_.end());
    return {nullptr, [this, at](void*) {
              const MutexLock unregister_lock(collectors_mutex_);
              collectors_.erase(at);
            }};
  }

  std::string exposition() override {
    {
      const MutexLock lock(collectors_mutex_);
      for (const auto& collect : collectors_) collect();
    }
    std::string out;
    out.reserve(last_size_.load(std::memory_order_relaxed) + 4096);
    for (const ProcessMetric& metric : process_metrics()) {
      append_head(out, metric.name, metric.help, metric.counter ? "counter" : "gauge");
      append_sample(out, metric.name, {}, metric.value);
    }
    const MutexLock lock(families_mutex_);
    append_all(out, counters_, "counter");
    append_all(out, gauges_, "gauge");
    append_all(out, histograms_, "histogram");
    last_size_.store(out.size(), std::memory_order_relaxed);
    return out;
  }

 private:
  template <typename T>
  T& series_of(Families<T>& families, const std::string& name, const std::string& help, const Labels& labels)
      OFFLOADER_REQUIRES(families_mutex_) {
    Family<T>& family = families[name];
    if (family.help.empty()) family.help = help;
    std::unique_ptr<Series<T>>& series = family.series[labels];
    if (!series) {
      series = std::make_unique<Series<T>>();
      series->labels = render_labels(labels);
    }
    series->hidden = false;
    return series->value;
  }

  template <typename T>
  static void append_all(std::string& out, const Families<T>& families, std::string_view type) {
    for (const auto& [name, family] : families) {
      bool headed = false;  // a family whose series are all hidden has no head
      for (const auto& [labels, series] : family.series) {
        if (series->hidden) continue;
        if (!headed) append_head(out, name, family.help, type);
        headed = true;
        append(out, name, series->labels, series->value);
      }
    }
  }

  std::atomic<std::size_t> last_size_{0};  // bytes of the last exposition, to reserve memory for the next
  Mutex families_mutex_;
  Families<Counter> counters_ OFFLOADER_GUARDED_BY(families_mutex_);
  Families<Gauge> gauges_ OFFLOADER_GUARDED_BY(families_mutex_);
  Families<Histogram> histograms_ OFFLOADER_GUARDED_BY(families_mutex_);
  Mutex collectors_mutex_;
  std::list<std::function<void()>> collectors_ OFFLOADER_GUARDED_BY(collectors_mutex_);
};

}  // namespace

std::unique_ptr<Metrics> make_registry() {
  return std::make_unique<Registry>();
}

}  // namespace offloader::telemetry
