#pragma once

#include <duckdb.h>

#include <memory>
#include <string>

#include "interrupt_watch.h"
#include "offloader/base/result.h"
#include "pinned_files.h"

// DuckDB's file system over the object store. Only this pair of files sees DuckDB's C++ headers.
namespace offloader::engine {

// Lets an instance read the pinned files, and nothing else through it. Before the first connection is opened.
// The instance shares both.
[[nodiscard]] Result<void> register_pinned_files(duckdb_database database,
                                                 std::shared_ptr<const PinnedFiles> files,
                                                 std::shared_ptr<InterruptWatch> watch);

}  // namespace offloader::engine
