#pragma once

#include <functional>

#include "csv_files.h"
#include "file_source.h"

namespace offloader::duckdb {

// Runs `read`, which reads the source's files by DuckDB and returns their rows, in the fastest way that is
// right for them: CSV in parallel first; alone, or with line ends made alike, once the guard has met what
// needs it, when DuckDB refuses what is sound, and when another number of rows arrived than the guard
// counted. Errors: a refusal with its findings, or the machinery's without.
[[nodiscard]] tl::expected<std::int64_t, executor::Refused> read_with_csv(
    CsvFiles& csv, const FileSource& source, Connection& connection, const std::function<bool()>& interrupted,
    const std::function<Result<std::int64_t>()>& read);

}  // namespace offloader::duckdb
