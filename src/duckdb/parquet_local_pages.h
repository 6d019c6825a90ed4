#pragma once

#include <functional>

#include "file_source.h"
#include "offloader/object_store/local_input.h"
#include "parquet_pages.h"
#include "pinned_files.h"

namespace offloader::duckdb {

// Checks the schemas and the pages of local Parquet files (parquet_schema.h, parquet_pages.h) before DuckDB
// reads them, but only of the columns that will be loaded, and rejects every file whose pages cannot be
// checked because of its footer. Returns the first problem of each column of each file. The pages of files of
// a store are checked as they arrive instead (PinnedFiles::read). Errors: unavailable, changed, cancelled.
[[nodiscard]] Result<catalog::Findings> check_pages(const FileSource& source, const PinnedFiles& files,
                                                    Checksums checksums,
                                                    const std::function<bool()>& interrupted);

// The same for one file, which is open as `input`. Appends to `findings`; an entry's path is the column.
[[nodiscard]] Result<void> check_pages_of(const object_store::LocalInput& input,
                                          const manifest::ResolvedFile& file,
                                          const std::vector<SourceColumn>& columns, Checksums checksums,
                                          const std::function<bool()>& interrupted,
                                          catalog::Findings& findings);

}  // namespace offloader::duckdb
