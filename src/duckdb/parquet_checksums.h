#pragma once

#include <functional>

#include "file_source.h"
#include "pinned_files.h"

namespace offloader::duckdb {

// Compares the pages of local Parquet files with their checksums, of those columns that are going to be
// loaded, before DuckDB reads them. All findings at once. What a store sends is compared as it arrives
// (PinnedFiles::read). Errors: unavailable, changed, cancelled.
[[nodiscard]] Result<catalog::Findings> check_local_pages(const FileSource& source, const PinnedFiles& files,
                                                          const std::function<bool()>& interrupted);

}  // namespace offloader::duckdb
