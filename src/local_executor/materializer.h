#pragma once

#include <optional>

#include "build_memory.h"
#include "instance_ledger.h"
#include "local_files.h"
#include "offloader/duckdb/interrupt_watch.h"
#include "offloader/duckdb/thread_budget.h"
#include "offloader/local_executor/local_executor.h"

namespace offloader::local_executor {

// What remote files are read through.
struct Stores {
  std::shared_ptr<object_store::ObjectStore> store;  // null: there are none
  std::shared_ptr<duckdb::InterruptWatch> watch;
  std::shared_ptr<duckdb::ThreadBudget> helpers;  // that open files side by side; null: none
};

struct Built {
  executor::Materialized snapshot;       // without a handle
  std::optional<Error> index_failure{};  // why it has no index, where building one failed
};

// Loads one snapshot into the DuckDB file `output`, with its index, by an instance that can read the
// request's files and nothing else. On failure nothing is left behind.
[[nodiscard]] tl::expected<Built, executor::Refused> materialize(const Options& options,
                                                                 const executor::Materialization& request,
                                                                 const SnapshotFiles& output,
                                                                 InstanceLedger& ledger, BuildMemory& memory,
                                                                 const Stores& stores = {});

// A failure that is no verdict on the data, with what to do about it where there is something.
[[nodiscard]] executor::Refused machinery(Error error);

}  // namespace offloader::local_executor
