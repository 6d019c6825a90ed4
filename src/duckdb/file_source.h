#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "csv_files.h"
#include "duckdb_handle.h"
#include "offloader/duckdb/source_files.h"
#include "offloader/duckdb/table_stream.h"

// Data files as SQL: the columns that they have, and the SELECT that reads the contract's columns in their
// declared types. The loader and remote_scan share it, so both see the same values (manifest.md, table).
namespace offloader::duckdb {

// One declared column in one group of similar files.
struct SourceColumn {
  std::string name;        // of the contract
  std::string raw;         // the file's column, quoted, or NULL
  std::string expression;  // read by remote_scan, of the declared type
  std::string loaded;      // read by a load; raises an error for a value that does not fit
  // For Parquet only (parquet_types.h):
  catalog::SizedType declared = catalog::ColumnType::varchar;
  std::string in_file{};  // the name of the column in the file
  std::string guarded{};  // replaces `expression` unless footers prove all dates valid
  std::string misfit{};   // condition: a value that is not NULL does not fit
  std::string reason{};   // what is wrong with such a value
  bool secret = false;    // the tenant column: its values are never shown
};

// One declared column of a CSV file, for reading it without DuckDB.
struct CsvColumn {
  std::string name;
  std::size_t position = 0;  // of its field in a line
  catalog::SizedType type = catalog::ColumnType::varchar;
  bool secret = false;  // the tenant column: its values are never shown
};

struct SourceGroup {
  std::size_t csv_columns = 0;  // fields of a line; 0: Parquet
  std::vector<const manifest::ResolvedFile*> files;
  std::vector<SourceColumn> columns;
  const CsvFiles* csv = nullptr;  // outlives the group
  std::vector<CsvColumn> csv_fields;
};

struct FileSource {
  std::vector<SourceGroup> groups;
  catalog::Findings warnings;

  enum class Use { load, scan };
  // Returns SELECT … UNION ALL SELECT …, with the contract's columns in their order.
  [[nodiscard]] std::string select(Use use) const;
};

// Reads headers and footers and checks columns and types. Reports all findings at once (schema_data_mismatch,
// and row_count_mismatch for Parquet footers). `csv` has all files and must outlive the result. `interrupted`
// is polled while CSV headers are read.
[[nodiscard]] tl::expected<FileSource, executor::Refused> inspect_files(
    Connection& connection, const catalog::Dataset& dataset, const manifest::Manifest& manifest,
    CsvFiles& csv, const std::function<bool()>& interrupted);

// Call it after a load was rejected. Returns, for each file, the first value of each column that does not
// fit, with its row (1-based, without the header). Errors: `cancelled`, or the reason why a file cannot be
// read.
[[nodiscard]] Result<catalog::Findings> find_bad_values(Connection& connection, const FileSource& source,
                                                        const std::function<bool()>& interrupted);

// Compares the rows of each CSV file with the manifest's number and returns all findings at once. `rows` is
// the number of all files together, if known. Parquet files are compared by inspect_files().
[[nodiscard]] Result<catalog::Findings> check_csv_counts(Connection& connection, const FileSource& source,
                                                         std::optional<std::int64_t> rows);

// Returns a read_parquet() call for the files; with file_row_number if `numbered`.
[[nodiscard]] std::string parquet_reader_sql(const std::vector<const manifest::ResolvedFile*>& files,
                                             bool numbered = false);

// Returns the files as a list of DuckDB file name patterns that match only themselves.
[[nodiscard]] std::string file_list(const std::vector<const manifest::ResolvedFile*>& files);

// Returns the table function that reads the group's rows. CSV columns are text and named c0, c1, …
[[nodiscard]] std::string reader_of(const SourceGroup& group);

// Returns the paths that an instance must be allowed to access to read the files.
[[nodiscard]] std::vector<std::string> paths_of(const std::vector<manifest::ResolvedFile>& files);

}  // namespace offloader::duckdb
