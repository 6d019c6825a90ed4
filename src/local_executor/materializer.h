#pragma once

#include <optional>

#include "build_memory.h"
#include "instance_ledger.h"
#include "local_files.h"
#include "offloader/duckdb/interrupt_watch.h"
#include "offloader/duckdb/thread_budget.h"
#include "offloader/local_executor/local_executor.h"

namespace offloader::local_executor {

// How remote files are read.
struct Stores {
  std::shared_ptr<object_store::ObjectStore> store;  // null: remote files cannot be read
  std::shared_ptr<duckdb::InterruptWatch> watch;
  std::shared_ptr<duckdb::ThreadBudget> helpers;  // threads that open files in parallel; null: none
};

struct Built {
  executor::Materialized snapshot;       // without a handle
  std::optional<Error> index_failure{};  // set if building the index failed, so that there is none
};

// Loads one snapshot into the files `output`: the DuckDB file and its index. Uses a DuckDB instance that can
// read only the request's files. Syncs the files and their folder. Blocking; different requests may run in
// parallel. On failure it removes its files. Never throws. Errors: a Refused with findings about the data, or
// with an error that says what the operator can do.
[[nodiscard]] tl::expected<Built, executor::Refused> materialize(const Options& options,
                                                                 const executor::Materialization& request,
                                                                 const SnapshotFiles& output,
                                                                 InstanceLedger& ledger, BuildMemory& memory,
                                                                 const Stores& stores = {});

// A refusal that is not about the data. Replaces the message of an error that the operator can fix with what
// to do about it.
[[nodiscard]] executor::Refused machinery(Error error);

}  // namespace offloader::local_executor
