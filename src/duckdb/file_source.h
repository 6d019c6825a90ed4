#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "csv_files.h"
#include "duckdb_handle.h"
#include "offloader/duckdb/source_files.h"
#include "offloader/duckdb/table_stream.h"

// Data files as SQL: which columns they have, and the SELECT that reads the contract's columns in their
// declared types. Shared by the loader and remote_scan, so that both see the same values (manifest.md,
// table).
namespace offloader::duckdb {

// One declared column over one group of files that are alike.
struct SourceColumn {
  std::string name;        // as the contract has it
  std::string raw;         // the file's column, quoted, or NULL
  std::string expression;  // what remote_scan reads, of the declared type
  std::string loaded;      // what a load reads; raises for a value that does not fit
  // Of Parquet (parquet_types.h):
  catalog::ColumnType declared = catalog::ColumnType::varchar;
  std::string in_file{};  // the file's column, as written
  std::string guarded{};  // instead of `expression`, where nothing tells that all dates can be shown
  std::string misfit{};   // whether a value that is not NULL does not fit
  std::string reason{};   // what is wrong with it
  bool secret = false;    // the tenant's: no value of it is shown
};

// One declared column of a CSV file, for those who read it without DuckDB.
struct CsvColumn {
  std::string name;
  std::size_t position = 0;  // in the line
  catalog::ColumnType type = catalog::ColumnType::varchar;
  bool secret = false;  // the tenant column: no finding shows its values
};

struct SourceGroup {
  std::size_t csv_columns = 0;  // of the files' lines; 0: Parquet
  std::vector<const manifest::ResolvedFile*> files;
  std::vector<SourceColumn> columns;
  const CsvFiles* csv = nullptr;  // outlives the group
  std::vector<CsvColumn> csv_fields;
};

struct FileSource {
  std::vector<SourceGroup> groups;
  catalog::Findings warnings;

  enum class Use { load, scan };
  // SELECT … UNION ALL SELECT …, the contract's columns in its order.
  [[nodiscard]] std::string select(Use use) const;
};

// Looks at headers and footers and checks columns and types; all findings (schema_data_mismatch,
// row_count_mismatch of Parquet footers) at once. `csv` has all files and outlives the result. `interrupted`
// is asked while CSV headers are read.
[[nodiscard]] tl::expected<FileSource, executor::Refused> inspect_files(
    Connection& connection, const catalog::Dataset& dataset, const manifest::Manifest& manifest,
    CsvFiles& csv, const std::function<bool()>& interrupted);

// After a load was refused: the first value that does not fit, as file and row (1-based, without the header).
[[nodiscard]] Result<catalog::Findings> find_bad_values(Connection& connection, const FileSource& source,
                                                        const std::function<bool()>& interrupted);

// Each CSV file's rows against what the manifest says of it, all findings at once. `rows` are those of all
// files together, where they are known already. Parquet footers are compared by inspect_files.
[[nodiscard]] Result<catalog::Findings> check_csv_counts(Connection& connection, const FileSource& source,
                                                         std::optional<std::int64_t> rows);

// read_parquet of these files. `numbered`: with file_row_number.
[[nodiscard]] std::string parquet_reader_sql(const std::vector<const manifest::ResolvedFile*>& files,
                                             bool numbered = false);

// The files as a list of DuckDB's file name patterns.
[[nodiscard]] std::string file_list(const std::vector<const manifest::ResolvedFile*>& files);

// The group's rows; CSV columns are text and named c0, c1, …
[[nodiscard]] std::string reader_of(const SourceGroup& group);

// What an instance must be allowed to reach to read these Parquet files.
[[nodiscard]] std::vector<std::string> paths_of(const std::vector<manifest::ResolvedFile>& files);

}  // namespace offloader::duckdb
