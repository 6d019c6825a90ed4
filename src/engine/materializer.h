#pragma once

#include <optional>

#include "build_memory.h"
#include "instance_ledger.h"
#include "offloader/engine/engine.h"
#include "thread_budget.h"

namespace offloader::engine {

// What remote files are read through.
struct Stores {
  std::shared_ptr<object_store::ObjectStore> store;  // null: there are none
  std::shared_ptr<InterruptWatch> watch;
  std::shared_ptr<ThreadBudget> helpers;  // that open files side by side; null: none
};

// Engine::build: one snapshot into one DuckDB file, by an instance that can read this build's files and
// nothing else.
[[nodiscard]] tl::expected<BuiltSnapshot, BuildFailure> materialize(const EngineOptions& options,
                                                                    const BuildRequest& request,
                                                                    InstanceLedger& ledger,
                                                                    BuildMemory& memory,
                                                                    const Stores& stores = {});

// The refusal, when the manifest knows another number of rows or single files were found to have another.
[[nodiscard]] std::optional<BuildFailure> check_row_counts(const manifest::Manifest& manifest,
                                                           std::int64_t rows, catalog::Findings files);

}  // namespace offloader::engine
