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
  std::filesystem::path cache_dir;           // snapshots are in datasets/, DuckDB spills to tmp/
  std::size_t pool_size = 16;                // threads that run queries
  std::chrono::milliseconds pool_wait{100};  // a query that waits longer for a thread fails with `busy`
  std::size_t remote_cap = 15;               // threads that remote_scan queries may use at once
  std::chrono::milliseconds query_timeout{30000};
  unsigned threads = 2;  // of DuckDB
  // Bytes: half for serving, a sixth for remote_scan (at least 256 MiB for each of its snapshots), a third
  // for builds and rebuilds of indexes. At least 64 MiB.
  std::uint64_t memory_limit = 2ULL << 30;
  bool use_index = true;
};

// Opens the executor that answers from this machine's memory and disk: DuckDB with the columnar index in
// front of it. The DuckDB instance that serves local snapshots is opened here; each build and each
// remote_scan snapshot opens its own. All are locked down (security.md, 7). Without a store, remote files
// cannot be read. `telemetry` must outlive the executor, whose parts() are `index` and `duckdb`. Errors:
// `unavailable` if the cache folder cannot be used; `busy` if a thread cannot be started; DuckDB's.
[[nodiscard]] Result<std::unique_ptr<executor::Executor>> open_local_executor(
    Options options, telemetry::Telemetry& telemetry,
    std::shared_ptr<object_store::ObjectStore> store = nullptr);

}  // namespace offloader::local_executor
