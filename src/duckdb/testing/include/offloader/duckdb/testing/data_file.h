#pragma once

#include <filesystem>
#include <string>

#include "offloader/base/result.h"

namespace offloader::duckdb::testing {

// Writes the result of `select` into a file, by a DuckDB instance of its own: COPY (select) TO file
// (options). The error contains DuckDB's text.
[[nodiscard]] Result<void> write_data_file(const std::string& select, const std::filesystem::path& file,
                                           const std::string& options = "FORMAT parquet");

// The same for Parquet, with a signature to pass as a function.
[[nodiscard]] inline Result<void> write_parquet(const std::string& select,
                                                const std::filesystem::path& file) {
  return write_data_file(select, file);
}

}  // namespace offloader::duckdb::testing
