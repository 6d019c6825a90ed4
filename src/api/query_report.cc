#include "query_report.h"

#include <string>

#include "offloader/telemetry/shed.h"

namespace offloader::api {

QueryReport::QueryReport(const serving::Answers& answers, telemetry::Metrics& metrics, const Clock& clock,
                         const ApiOptions& options, const Finish& finish)
    : clock_(clock),
      options_(options),
      finish_(finish),
      shed_pool_(telemetry::shed_counter(metrics, "pool")),
      shed_export_(telemetry::shed_counter(metrics, "export")),
      shed_memory_(telemetry::shed_counter(metrics, "memory")) {
  for (const std::string_view part : answers.parts()) {
    queries_.emplace_back(part, &metrics.counter("offloader_queries_total",
                                                 "Queries by the part of the executor that answered them.",
                                                 {{"executor", std::string(part)}}));
  }
}

void QueryReport::answered(Exchange& exchange, std::string_view by, std::chrono::nanoseconds duration) const {
  count(by);
  exchange.executed = duration;
  if (exchange.exported) return;
  exchange.series->query->observe(std::chrono::duration<double>(duration).count());
  finish_.log().query(exchange, by, duration);
}

void QueryReport::failed(Exchange& exchange, const executor::Failure& error, bool first) const {
  if (error.code == ErrorCode::busy) (exchange.exported ? shed_export_ : shed_pool_).add();
  if (error.code == ErrorCode::no_memory) shed_memory_.add();
  if (!first) return;
  if (error.code == ErrorCode::timeout && !error.by.empty()) {
    count(error.by);
    exchange.executed = clock_.steady_now() - exchange.begun;
    finish_.log().query(exchange, error.by, exchange.executed);
  }
  if (error.code == ErrorCode::corrupt && options_.report_corrupt)
    options_.report_corrupt(exchange.endpoint->contract->dataset, exchange.endpoint->snapshot->data->id());
}

void QueryReport::count(std::string_view by) const {
  for (const auto& [part, queries] : queries_) {
    if (part == by) queries->add();
  }
}

}  // namespace offloader::api
