#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "finish.h"
#include "offloader/telemetry/telemetry.h"
#include "stage.h"

namespace offloader::api {

// Runs the query, or joins an identical query that is already running. Runs after every stage that needs no
// query. A query that takes microseconds is answered on the calling thread. For any other the exchange waits,
// and resumes on the thread that completes the query.
class AnswerStage {
 public:
  AnswerStage(serving::Answers& answers, telemetry::Metrics& metrics, const Clock& clock,
              const ApiOptions& options, const Finish& finish, Resume resume);

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  [[nodiscard]] Step fetched(Exchange& exchange, const serving::FetchOutcome& outcome, bool first) const;
  void failed(Exchange& exchange, const executor::Failure& error, bool first) const;
  void count_query(std::string_view by) const;

  serving::Answers& answers_;
  const Clock& clock_;
  const ApiOptions& options_;
  const Finish& finish_;
  const Resume resume_;
  telemetry::Counter& shed_pool_;
  telemetry::Counter& shed_memory_;
  std::vector<std::pair<std::string_view, telemetry::Counter*>> queries_;  // by part of the executor
};

}  // namespace offloader::api
