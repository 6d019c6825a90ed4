#pragma once

#include <functional>

#include "csv_files.h"
#include "file_source.h"

namespace offloader::duckdb {

// Runs `read`, which reads the source's files by DuckDB and returns their number of rows, in the fastest way
// that is correct for them. CSV files are read in parallel first. They are read again, by one thread per file
// or with even line ends, if the guard meets input that needs it, if DuckDB rejects files that look valid, or
// if DuckDB's row count differs from the guard's. Errors: rejected with findings, or a failure without any.
[[nodiscard]] tl::expected<std::int64_t, executor::Refused> read_with_csv(
    CsvFiles& csv, const FileSource& source, Connection& connection, const std::function<bool()>& interrupted,
    const std::function<Result<std::int64_t>()>& read);

}  // namespace offloader::duckdb
