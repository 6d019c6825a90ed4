#pragma once

#include <functional>

#include "file_source.h"
#include "pinned_files.h"

namespace offloader::duckdb {

// Checks the schemas and the pages of local Parquet files (parquet_schema.h, parquet_pages.h) before DuckDB
// reads them, but only of the columns that will be loaded. Returns the first problem of each column of each
// file. Files of a store are checked as they arrive instead (PinnedFiles::read). Errors: unavailable,
// changed, cancelled.
[[nodiscard]] Result<catalog::Findings> check_local_pages(const FileSource& source, const PinnedFiles& files,
                                                          const std::function<bool()>& interrupted);

}  // namespace offloader::duckdb
