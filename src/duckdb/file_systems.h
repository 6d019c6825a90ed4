#pragma once

#include <duckdb.h>

#include <memory>
#include <string>

#include "csv_files.h"
#include "offloader/base/result.h"
#include "offloader/duckdb/interrupt_watch.h"
#include "offloader/executor/source_waits.h"
#include "pinned_files.h"

// DuckDB file systems over the object store and over CSV files.
namespace offloader::duckdb {

// Registers a file system through which the instance can read the pinned files, and nothing else. The
// instance shares ownership of the files. Without `watch`, waits for the store are not interrupted. `waits`
// is notified of each of them and may be null. Requires: no connection has been opened yet. Errors:
// `internal`.
[[nodiscard]] Result<void> register_pinned_files(duckdb_database database,
                                                 std::shared_ptr<const PinnedFiles> files,
                                                 std::shared_ptr<InterruptWatch> watch,
                                                 std::shared_ptr<executor::SourceWaits> waits);

// The same for CSV files, including local ones, which pass through the guard.
[[nodiscard]] Result<void> register_csv_files(duckdb_database database,
                                              std::shared_ptr<const CsvFiles> files);

}  // namespace offloader::duckdb
