#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "offloader/base/result.h"
#include "offloader/executor/executor.h"
#include "offloader/object_store/object_store.h"

namespace offloader::telemetry {
class Telemetry;
}

namespace offloader::local_executor {

struct Options {
  std::filesystem::path cache_dir;  // snapshots lie in datasets/, spill goes to tmp/
  std::size_t pool_size = 16;       // read connections, a thread each
  std::chrono::milliseconds pool_wait{100};
  std::size_t remote_cap = 15;  // connections that remote_scan may hold at once
  std::chrono::milliseconds query_timeout{30000};
  unsigned threads = 2;                     // DuckDB's
  std::uint64_t memory_limit = 2ULL << 30;  // bytes: half serves, a sixth is for remote_scan, a third builds
  bool use_index = true;
};

// Opens the executor that answers from this machine's memory and disk: DuckDB, and the columnar index in
// front of it. One DuckDB instance serves and is opened here; each build and each remote_scan snapshot opens
// one of its own. All are locked down as security.md, 7 says. Without a store no remote file can be read.
// `parts()` are `index` and `duckdb`. Errors: `unavailable` for a cache folder that cannot be used, `busy`
// when there are no threads to be had, DuckDB's.
[[nodiscard]] Result<std::unique_ptr<executor::Executor>> open_local_executor(
    Options options, telemetry::Telemetry& telemetry,
    std::shared_ptr<object_store::ObjectStore> store = nullptr);

}  // namespace offloader::local_executor
