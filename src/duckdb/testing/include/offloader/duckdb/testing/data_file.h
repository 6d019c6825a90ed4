#pragma once

#include <filesystem>
#include <string>

#include "offloader/base/result.h"

namespace offloader::duckdb::testing {

// Writes what `select` gives into a file, by a DuckDB of its own: COPY (select) TO file (options), of which
// `FORMAT parquet` is the usual one. The error has DuckDB's words.
[[nodiscard]] Result<void> write_data_file(const std::string& select, const std::filesystem::path& file,
                                           const std::string& options = "FORMAT parquet");

// The same for Parquet, as functions are handed on.
[[nodiscard]] inline Result<void> write_parquet(const std::string& select,
                                                const std::filesystem::path& file) {
  return write_data_file(select, file);
}

}  // namespace offloader::duckdb::testing
