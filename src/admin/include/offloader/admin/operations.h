#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "offloader/base/clock.h"
#include "offloader/base/result.h"
#include "offloader/refresh/status.h"

namespace offloader::admin {

struct PoolFacts {
  std::size_t connections = 0;
  std::size_t busy = 0;
  std::size_t waiting = 0;
  std::size_t remote_cap = 0;
};

// What /diagnostics shows of the process, taken at one instant. Sizes are bytes.
struct Facts {
  std::string build_version;
  std::string config_version;
  std::string object_store_mode;
  SystemTime started_at{};
  bool duckdb_ok = false;
  std::string duckdb_version;
  bool ready = false;  // set by the admin port, which knows
  PoolFacts pool;
  std::uint64_t cache_dir_free_bytes = 0;
  std::uint64_t cache_dir_used_bytes = 0;
  std::uint64_t rss_bytes = 0;
  std::uint64_t duckdb_bytes = 0;
  std::uint64_t response_cache_bytes = 0;
  refresh::RefreshStatus refresh;
};

// What the admin port can ask of the running server; the composition root implements it over the refresher.
// It outlives the port. All functions may be called from any thread.
class Operations {
 public:
  virtual ~Operations() = default;

  // May read the disk.
  [[nodiscard]] virtual Facts facts() = 0;

  // `asked_by`, here and below: the id of the request that asked, for the log.
  //
  // Forces a refresh; `done` comes later, from any thread, exactly once. False for an unknown dataset: `done`
  // is not called then.
  [[nodiscard]] virtual bool refresh(const std::string& dataset,
                                     std::function<void(refresh::RefreshReport)> done,
                                     const std::string& asked_by) = 0;

  // Blocking. `not_found`; `conflict` with the reason where there is no snapshot to go back to. `force` also
  // goes back to a quarantined one.
  [[nodiscard]] virtual Result<refresh::RollbackReport> rollback(const std::string& dataset, bool force,
                                                                 const std::string& asked_by) = 0;

  // Checks the project and applies it; `done` comes later, from any thread, exactly once.
  virtual void reload(std::function<void(refresh::ReloadReport)> done, const std::string& asked_by) = 0;

  // Blocking. The redacted bundle as tar.gz.
  [[nodiscard]] virtual Result<std::string> support_bundle() = 0;
};

}  // namespace offloader::admin
