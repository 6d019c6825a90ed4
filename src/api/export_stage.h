#pragma once

#include "finish.h"
#include "offloader/telemetry/telemetry.h"
#include "query_report.h"
#include "stage.h"

namespace offloader::api {

// Answers exports: starts the query whose rows are sent while they are made. Runs where the answer stage
// would, after every stage that needs no query; other answers pass on. A HEAD runs no query.
class ExportStage {
 public:
  ExportStage(serving::Answers& answers, telemetry::Metrics& metrics, const Clock& clock,
              const Finish& finish, const QueryReport& report)
      : answers_(answers), metrics_(metrics), clock_(clock), finish_(finish), report_(report) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const;

 private:
  serving::Answers& answers_;
  telemetry::Metrics& metrics_;
  const Clock& clock_;
  const Finish& finish_;
  const QueryReport& report_;
};

}  // namespace offloader::api
