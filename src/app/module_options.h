#pragma once

#include "offloader/api/api.h"
#include "offloader/audit/audit.h"
#include "offloader/duckdb/answer_writers.h"
#include "offloader/local_executor/local_executor.h"
#include "offloader/settings/settings.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::app {

// Return the options of a module as the settings give them. What other modules provide is left unset. Pure,
// except that the format of the log depends on whether standard error is a terminal.
[[nodiscard]] telemetry::TelemetryOptions telemetry_options(const settings::Settings& settings);
[[nodiscard]] audit::AuditOptions audit_options(const settings::Settings& settings);
[[nodiscard]] local_executor::Options local_options(const settings::Settings& settings);
[[nodiscard]] duckdb::ParquetOptions parquet_options(const settings::Settings& settings);
[[nodiscard]] api::ApiOptions api_options(const settings::Settings& settings);

}  // namespace offloader::app
