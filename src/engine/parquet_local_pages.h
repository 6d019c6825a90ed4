#pragma once

#include <functional>

#include "file_source.h"
#include "pinned_files.h"

namespace offloader::engine {

// Checks the schemas and the pages of local Parquet files (parquet_schema.h, parquet_pages.h), of those
// columns that are going to be loaded, before DuckDB reads them. The first problem of each column, all
// columns at once. What a store sends is checked as it arrives (PinnedFiles::read). Errors: unavailable,
// changed, cancelled.
[[nodiscard]] Result<catalog::Findings> check_local_pages(const FileSource& source, const PinnedFiles& files,
                                                          const std::function<bool()>& interrupted);

}  // namespace offloader::engine
