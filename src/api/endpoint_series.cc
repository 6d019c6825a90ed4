#include "endpoint_series.h"

namespace offloader::api {

telemetry::Counter& EndpointSeries::by_status(int status) const {
  if (status == 503) return *not_ready;
  if (status >= 500) return *server_error;
  if (status >= 400) return *client_error;
  return *ok;
}

EndpointMetrics::EndpointMetrics(telemetry::Metrics& metrics, std::size_t readers)
    : metrics_(metrics), readers_(readers) {}

const EndpointSeries& EndpointMetrics::series(std::size_t reader, std::string_view name) {
  auto& own = readers_[reader];
  if (const auto found = own.find(name); found != own.end()) return *found->second;
  const EndpointSeries& made = shared(name);
  own.emplace(made.name, &made);
  return made;
}

const EndpointSeries& EndpointMetrics::shared(std::string_view name) {
  using serving::CacheResult;
  const MutexLock lock(series_mutex_);
  if (const auto found = series_.find(name); found != series_.end()) return *found->second;
  auto made = std::make_unique<EndpointSeries>();
  made->name = name;
  const std::string& endpoint = made->name;
  const auto requests = [&](const char* status) {
    return &metrics_.counter("offloader_requests_total", "Requests on the API port.",
                             {{"endpoint", endpoint}, {"status", status}});
  };
  made->ok = requests("ok");
  made->client_error = requests("client_error");
  made->server_error = requests("server_error");
  made->not_ready = requests("not_ready");
  for (const CacheResult result : {CacheResult::hit, CacheResult::miss, CacheResult::off}) {
    const std::string word(serving::name_of(result));
    const auto i = static_cast<std::size_t>(result);
    made->cache[i] = &metrics_.counter("offloader_response_cache_total",
                                       "Answers by the result of the response cache lookup.",
                                       {{"endpoint", endpoint}, {"result", word}});
    made->duration[i] = &metrics_.histogram("offloader_request_duration_seconds",
                                            "Seconds from reading a request to handing over its answer.",
                                            {{"endpoint", endpoint}, {"cache", word}});
  }
  made->query = &metrics_.histogram("offloader_query_duration_seconds",
                                    "Seconds that a query takes, including the time it waits.",
                                    {{"endpoint", endpoint}});
  made->rows = &metrics_.counter("offloader_rows_returned_total", "Rows returned in answers.",
                                 {{"endpoint", endpoint}});
  return *series_.emplace(made->name, std::move(made)).first->second;
}

}  // namespace offloader::api
