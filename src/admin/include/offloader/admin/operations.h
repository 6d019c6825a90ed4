#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "offloader/base/clock.h"
#include "offloader/base/result.h"
#include "offloader/refresh/status.h"
#include "offloader/usage/report.h"

namespace offloader::admin {

struct PoolFacts {
  std::size_t connections = 0;
  std::size_t busy = 0;
  std::size_t waiting = 0;
  std::size_t remote_cap = 0;
};

// The state of the process that /diagnostics shows, taken at one instant. Sizes are in bytes.
struct Facts {
  std::string build_version;
  std::string config_version;
  std::string object_store_mode;
  SystemTime started_at{};
  bool duckdb_ok = false;
  std::string duckdb_version;
  bool ready = false;  // set by the admin port
  PoolFacts pool;
  std::uint64_t cache_dir_free_bytes = 0;
  std::uint64_t cache_dir_used_bytes = 0;
  std::uint64_t rss_bytes = 0;
  std::uint64_t duckdb_bytes = 0;
  std::uint64_t response_cache_bytes = 0;
  refresh::RefreshStatus refresh;
};

// The actions and facts that the admin port needs from the running server. The composition root implements it
// over the refresher. It must outlive the port. Thread-safe.
class Operations {
 public:
  virtual ~Operations() = default;

  // Returns the current facts. May read the disk.
  [[nodiscard]] virtual Facts facts() = 0;

  // Forces a refresh and calls `done` exactly once, later, from any thread. Returns false, without calling
  // `done`, if the dataset is unknown. `asked_by`, here and below, is the id of the request, for the log.
  [[nodiscard]] virtual bool refresh(const std::string& dataset,
                                     std::function<void(refresh::RefreshReport)> done,
                                     const std::string& asked_by) = 0;

  // Rolls the dataset back to its previous snapshot. Blocks. `force` allows a quarantined snapshot. Errors:
  // `not_found` for an unknown dataset, `conflict` with the reason if there is no snapshot to roll back to.
  [[nodiscard]] virtual Result<refresh::RollbackReport> rollback(const std::string& dataset, bool force,
                                                                 const std::string& asked_by) = 0;

  // Validates the project and applies it if it is valid. Calls `done` exactly once, later, from any thread.
  virtual void reload(std::function<void(refresh::ReloadReport)> done, const std::string& asked_by) = 0;

  // Returns what was served. Blocks. Errors: `conflict` if there is no usage ledger, `invalid_param` if the
  // answer would be too long, else those of the disk.
  [[nodiscard]] virtual Result<usage::Report> usage(const usage::Question& question) = 0;

  // Returns the redacted support bundle as tar.gz. Blocks.
  [[nodiscard]] virtual Result<std::string> support_bundle() = 0;
};

}  // namespace offloader::admin
