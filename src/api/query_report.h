#pragma once

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "finish.h"
#include "offloader/executor/query.h"
#include "offloader/serving/answers.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::api {

// Counts and logs how queries ended, for every stage that runs one, and notes their time in the exchange that
// they were run for. Any thread.
class QueryReport {
 public:
  QueryReport(const serving::Answers& answers, telemetry::Metrics& metrics, const Clock& clock,
              const ApiOptions& options, const Finish& finish);

  // `by` is the part of the executor that answered. The time of an export is not a query's alone: it waits
  // for its client.
  void answered(Exchange& exchange, std::string_view by, std::chrono::nanoseconds duration) const;

  // `first`: the query was run for this request, which did not join that of another. A corrupt snapshot is
  // reported, so that it can be replaced.
  void failed(Exchange& exchange, const executor::Failure& error, bool first) const;

 private:
  void count(std::string_view by) const;

  const Clock& clock_;
  const ApiOptions& options_;
  const Finish& finish_;
  telemetry::Counter& shed_pool_;
  telemetry::Counter& shed_export_;
  telemetry::Counter& shed_memory_;
  std::vector<std::pair<std::string_view, telemetry::Counter*>> queries_;  // by part of the executor
};

}  // namespace offloader::api
