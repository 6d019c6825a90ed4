#pragma once

#include <duckdb.h>

#include <memory>
#include <string>

#include "csv_files.h"
#include "interrupt_watch.h"
#include "offloader/base/result.h"
#include "pinned_files.h"

// DuckDB's file systems over the object store and over CSV files. Only this pair of files sees DuckDB's C++
// headers.
namespace offloader::engine {

// Lets an instance read the pinned files, and nothing else through it. Before the first connection is opened.
// The instance shares both.
[[nodiscard]] Result<void> register_pinned_files(duckdb_database database,
                                                 std::shared_ptr<const PinnedFiles> files,
                                                 std::shared_ptr<InterruptWatch> watch);

// The same for CSV files, local ones too, on their way through the guard.
[[nodiscard]] Result<void> register_csv_files(duckdb_database database,
                                              std::shared_ptr<const CsvFiles> files);

}  // namespace offloader::engine
