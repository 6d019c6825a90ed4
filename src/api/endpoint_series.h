#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "offloader/base/mutex.h"
#include "offloader/serving/envelope.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::api {

// The metric series of one endpoint, looked up once (admin-api.md, "Metrics").
struct EndpointSeries {
  std::string name;
  telemetry::Counter* ok = nullptr;
  telemetry::Counter* client_error = nullptr;
  telemetry::Counter* server_error = nullptr;
  telemetry::Counter* not_ready = nullptr;
  std::array<telemetry::Counter*, 3> cache{};       // by CacheResult
  std::array<telemetry::Histogram*, 3> duration{};  // by CacheResult
  telemetry::Histogram* query = nullptr;
  telemetry::Counter* rows = nullptr;

  [[nodiscard]] telemetry::Counter& by_status(int status) const;
};

// Metric series by endpoint. Each I/O thread has its own map in front of the shared one, so that a request
// usually finds its series without a lock.
class EndpointMetrics {
 public:
  EndpointMetrics(telemetry::Metrics& metrics, std::size_t readers);

  // Returns the series of an endpoint, creating it on first use. Must be called on the thread of `reader`.
  // Requires: `name` is an endpoint of the catalog or `_unknown`, which bounds the number of series.
  [[nodiscard]] const EndpointSeries& series(std::size_t reader, std::string_view name);

 private:
  const EndpointSeries& shared(std::string_view name);

  telemetry::Metrics& metrics_;
  std::vector<std::unordered_map<std::string_view, const EndpointSeries*>> readers_;
  Mutex series_mutex_;
  std::map<std::string, std::unique_ptr<EndpointSeries>, std::less<>> series_
      OFFLOADER_GUARDED_BY(series_mutex_);
};

}  // namespace offloader::api
