#pragma once

#include <optional>
#include <string>
#include <vector>

#include "offloader/base/clock.h"
#include "offloader/base/result.h"
#include "offloader/catalog/finding.h"
#include "offloader/executor/snapshot.h"
#include "offloader/refresh/decision.h"

// The status of refreshing that the admin port and the command line show (admin-api.md, "Diagnostics"). Plain
// values; each dataset's are read separately.
namespace offloader::refresh {

struct SnapshotStatus {
  std::string snapshot_id;
  std::string watermark;
  double age_seconds = 0;  // since the watermark
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;
  std::string data_quality_status;
  SystemTime activated_at{};
};

struct AttemptStatus {
  std::string snapshot_id;  // empty: unknown
  Outcome status = Outcome::ok;
  SystemTime at{};
  std::int64_t duration_ms = 0;
};

struct BuildStatus {
  std::string snapshot_id;
  double progress = 0;  // 0 to 1
};

struct DatasetStatus {
  std::string dataset;
  std::string source;  // static_manifest or databricks
  std::vector<std::string> endpoints;
  std::optional<SnapshotStatus> active;
  std::optional<SnapshotStatus> previous;
  std::string quarantined_snapshot_id;  // empty: none
  std::optional<AttemptStatus> last_attempted;
  std::string refresh_error;  // empty: none; the first finding and how many more, or why nothing was built
  catalog::Findings findings;
  bool source_reachable = false;
  bool manifest_valid = true;
  bool stale = false;
  std::optional<SystemTime> next_attempt_at;
  std::optional<BuildStatus> building;
  executor::IndexStatus index{};  // of the active snapshot
};

struct ConfigSyncStatus {
  bool enabled = false;
  std::string result = "disabled";  // disabled init unchanged applied error
  bool ok = true;                   // the value of offloader_config_sync_ok
  std::string error;
  std::optional<SystemTime> last_checked;
  std::optional<SystemTime> last_applied;
  catalog::Findings findings;
};

struct RefreshStatus {
  ConfigSyncStatus config_sync;
  std::vector<DatasetStatus> datasets;  // by id
};

// The outcome of a forced refresh.
struct RefreshReport {
  std::string dataset;
  Outcome status = Outcome::failed;
  std::string snapshot_id;
  std::string error;
  catalog::Findings findings;
  std::int64_t duration_ms = 0;
};

struct RollbackReport {
  std::string dataset;
  std::string active_snapshot;
  std::string previous_snapshot;
  std::string quarantined_snapshot_id;  // empty: none
};

struct ReloadReport {
  enum class Result { applied, unchanged, error };
  Result result = Result::unchanged;
  std::string error;
  catalog::Findings findings;
};

}  // namespace offloader::refresh
