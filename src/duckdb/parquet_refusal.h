#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "file_source.h"

// Explains why Parquet data is rejected, in words for the person who wrote the file. Loads, remote_scan and
// `offloader manifest create` share it.
namespace offloader::duckdb {

// Returns a schema_data_mismatch finding about a file and, unless `column` is empty, one of the contract's
// columns.
[[nodiscard]] catalog::Finding data_finding(const manifest::ResolvedFile& file, std::string column,
                                            std::string message);

// Returns the finding that a file has `rows` rows, other than its manifest says. Requires: the manifest says
// a number.
[[nodiscard]] catalog::Finding row_count_finding(const manifest::ResolvedFile& file, std::string_view rows);

// Returns the finding that DuckDB cannot read the file, with its reason. Requires: !is_machinery(error).
[[nodiscard]] catalog::Finding parquet_refusal(const manifest::ResolvedFile& file, const Error& error);

// Returns the message of parquet_refusal().
[[nodiscard]] std::string parquet_reason(const manifest::ResolvedFile& file, const Error& error);

// Returns a finding for the first value of the column that does not fit, with its row (1-based) and, unless
// the column is secret, its text. Reads the column. Returns nullopt if all values fit or the column cannot be
// read.
[[nodiscard]] std::optional<catalog::Finding> first_misfit(Connection& connection,
                                                           const manifest::ResolvedFile& file,
                                                           const SourceColumn& column);

// Returns a finding for each column of the file that does not load: its first value that does not fit, or
// DuckDB's reason if the column cannot be read at all. Stops early, with the findings so far, if the disk,
// memory or the store fails.
[[nodiscard]] catalog::Findings find_bad_parquet(Connection& connection, const manifest::ResolvedFile& file,
                                                 const std::vector<SourceColumn>& columns);

// Returns the finding for a load that failed although no file on its own shows a problem.
[[nodiscard]] catalog::Finding unexplained_refusal(const std::vector<manifest::ResolvedFile>& files,
                                                   const Error& error);

// Returns the result for a failure of the disk, memory or the store while data files were read.
[[nodiscard]] executor::Refused unreadable_by_machinery(Error error);

}  // namespace offloader::duckdb
