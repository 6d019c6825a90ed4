#pragma once

#include <utility>

#include "finish.h"
#include "query_report.h"
#include "stage.h"

namespace offloader::api {

// Runs the query, or joins an identical query that is already running. Runs after every stage that needs no
// query. A query that takes microseconds is answered on the calling thread. For any other the exchange waits,
// and resumes on the thread that completes the query.
class AnswerStage {
 public:
  AnswerStage(serving::Answers& answers, const Finish& finish, const QueryReport& report, Resume resume)
      : answers_(answers), finish_(finish), report_(report), resume_(std::move(resume)) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  [[nodiscard]] Step fetched(Exchange& exchange, const serving::FetchOutcome& outcome, bool first) const;

  serving::Answers& answers_;
  const Finish& finish_;
  const QueryReport& report_;
  const Resume resume_;
};

}  // namespace offloader::api
