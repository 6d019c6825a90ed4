#pragma once

#include <string>
#include <vector>

#include "file_source.h"

// The Parquet files of a snapshot: the columns that their footers have, and how the contract's columns are
// read from them.
namespace offloader::duckdb {

struct ParquetColumn {
  std::string name;  // as the file has it
  std::string sql;   // as DuckDB has it: another only where two names of the file differ by case alone
  std::string type;  // DuckDB's, or kNullType

  friend auto operator<=>(const ParquetColumn&, const ParquetColumn&) = default;
};

// The top-level columns of one file, in its order.
[[nodiscard]] Result<std::vector<ParquetColumn>> parquet_columns(Connection& connection,
                                                                 const manifest::ResolvedFile& file);

// How one declared column, which is called `wanted` in files, is read from a file with these columns: NULL
// for a column that the file lacks. Requires: the match is not ambiguous, and the types go together.
[[nodiscard]] SourceColumn source_column(const std::string& name, const std::string& wanted,
                                         catalog::ColumnType declared,
                                         const std::vector<ParquetColumn>& columns);

// Looks at each Parquet file's footer and groups those that are alike. Marks in `seen` which of the
// contract's columns some file has. Adds to `findings` what a file's columns, types and row count are refused
// for. Fails only where the machinery does.
[[nodiscard]] tl::expected<std::vector<SourceGroup>, executor::Refused> inspect_parquet(
    Connection& connection, const catalog::Dataset& dataset, const manifest::Manifest& manifest,
    const std::vector<manifest::ResolvedFile>& files, std::vector<bool>& seen, catalog::Findings& findings);

// For remote_scan, which looks at no value before it is asked for: compares the bounds of dates in the
// footers with the years that a date may have. A file with others is refused; in groups where a footer does
// not tell, dates outside of these years become NULL.
[[nodiscard]] tl::expected<void, executor::Refused> check_date_bounds(Connection& connection,
                                                                      FileSource& source);

}  // namespace offloader::duckdb
