#pragma once

#include <duckdb.h>

#include <memory>
#include <string>

#include "csv_files.h"
#include "offloader/base/result.h"
#include "offloader/duckdb/interrupt_watch.h"
#include "offloader/executor/source_waits.h"
#include "pinned_files.h"

// DuckDB's file systems over the object store and over CSV files.
namespace offloader::duckdb {

// Lets an instance read the pinned files, and nothing else through it. Before the first connection is opened.
// The instance shares them. `waits`, which may be null, is told of each wait for the store.
[[nodiscard]] Result<void> register_pinned_files(duckdb_database database,
                                                 std::shared_ptr<const PinnedFiles> files,
                                                 std::shared_ptr<InterruptWatch> watch,
                                                 std::shared_ptr<executor::SourceWaits> waits);

// The same for CSV files, local ones too, on their way through the guard.
[[nodiscard]] Result<void> register_csv_files(duckdb_database database,
                                              std::shared_ptr<const CsvFiles> files);

}  // namespace offloader::duckdb
