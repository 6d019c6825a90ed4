#pragma once

#include <optional>
#include <string>

#include "file_source.h"

// Why Parquet data is refused, in words for the person who wrote the file: for a load, remote_scan and
// `offloader manifest create` alike.
namespace offloader::duckdb {

// schema_data_mismatch of a file, and of one of the contract's columns unless it is empty.
[[nodiscard]] catalog::Finding data_finding(const manifest::ResolvedFile& file, std::string column,
                                            std::string message);

// A file that DuckDB cannot read, with DuckDB's reason. Requires: !is_machinery(error).
[[nodiscard]] catalog::Finding parquet_refusal(const manifest::ResolvedFile& file, const Error& error);

// The sentence of parquet_refusal.
[[nodiscard]] std::string parquet_reason(const manifest::ResolvedFile& file, const Error& error);

// The first value that does not fit, with its row (1-based) and, unless the column is secret, its text. Reads
// the column. Nothing where all fit or the column cannot be read.
[[nodiscard]] std::optional<catalog::Finding> first_misfit(Connection& connection,
                                                           const manifest::ResolvedFile& file,
                                                           const SourceColumn& column);

// All of a file's columns that do not load, each with the first value that is to blame, or with DuckDB's
// reason where the column cannot be read at all.
[[nodiscard]] catalog::Findings find_bad_parquet(Connection& connection, const manifest::ResolvedFile& file,
                                                 const std::vector<SourceColumn>& columns);

// A load that failed although each file alone shows no fault.
[[nodiscard]] catalog::Finding unexplained_refusal(const std::vector<manifest::ResolvedFile>& files,
                                                   const Error& error);

// A failure of the machinery while data files were read.
[[nodiscard]] executor::Refused unreadable_by_machinery(Error error);

}  // namespace offloader::duckdb
