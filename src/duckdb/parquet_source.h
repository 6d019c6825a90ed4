#pragma once

#include <string>
#include <vector>

#include "file_source.h"

// The Parquet files of a snapshot: the columns in their footers, and how to read the contract's columns from
// them.
namespace offloader::duckdb {

struct ParquetColumn {
  std::string name;  // in the file
  std::string sql;   // in DuckDB: differs only if two names of the file differ by case alone
  std::string type;  // DuckDB's type, or kNullType

  friend auto operator<=>(const ParquetColumn&, const ParquetColumn&) = default;
};

// Returns the top-level columns of one file, in its order. Errors: those of DuckDB.
[[nodiscard]] Result<std::vector<ParquetColumn>> parquet_columns(Connection& connection,
                                                                 const manifest::ResolvedFile& file);

// Returns how to read one declared column, which files call `wanted`, from a file with these columns. A
// column that the file lacks is read as NULL. Requires: the match is not ambiguous, and the types are
// compatible.
[[nodiscard]] SourceColumn source_column(const std::string& name, const std::string& wanted,
                                         const catalog::SizedType& declared,
                                         const std::vector<ParquetColumn>& columns);

// Reads the footer of each Parquet file and groups the files that can be read alike. Sets `seen` for each of
// the contract's columns that some file has. Adds problems of columns, types and row counts to `findings`.
// Returns an error only if the disk, memory or the store fails.
[[nodiscard]] tl::expected<std::vector<SourceGroup>, executor::Refused> inspect_parquet(
    Connection& connection, const catalog::Dataset& dataset, const manifest::Manifest& manifest,
    const std::vector<manifest::ResolvedFile>& files, std::vector<bool>& seen, catalog::Findings& findings);

// For remote_scan, which reads no values before a query: checks the bounds of dates in the footers against
// the years 0001 to 9999. Rejects a file with dates outside of them. In a group with a footer that has no
// bounds, such dates are read as NULL.
[[nodiscard]] tl::expected<void, executor::Refused> check_date_bounds(Connection& connection,
                                                                      FileSource& source);

}  // namespace offloader::duckdb
