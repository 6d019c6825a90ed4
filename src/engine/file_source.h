#pragma once

#include <optional>
#include <string>
#include <vector>

#include "duckdb_handle.h"
#include "offloader/engine/engine.h"

// Data files as SQL: which columns they have, and the SELECT that reads the contract's columns in their
// declared types. Shared by the loader and remote_scan, so that both see the same values (manifest.md,
// table).
namespace offloader::engine {

// One declared column over one group of files that are alike.
struct SourceColumn {
  std::string name;        // as the contract has it
  std::string raw;         // the file's column, quoted, or NULL
  std::string expression;  // of the declared type; raises for a value that does not fit
  // The same, and raises for infinities, which no JSON has. Loaded by this; a remote scan keeps to the plain
  // one, whose comparisons DuckDB can hold against a footer's bounds.
  std::string loaded;
};

struct SourceGroup {
  std::size_t csv_columns = 0;  // 0: Parquet
  std::vector<const manifest::ResolvedFile*> files;
  std::vector<SourceColumn> columns;
};

struct FileSource {
  std::vector<SourceGroup> groups;

  enum class Use { load, scan };
  // SELECT … UNION ALL SELECT …, the contract's columns in its order.
  [[nodiscard]] std::string select(Use use) const;
};

// Looks at headers and footers and checks columns and types; all findings (schema_data_mismatch,
// row_count_mismatch of Parquet footers) at once.
[[nodiscard]] tl::expected<FileSource, BuildFailure> inspect_files(
    Connection& connection, const catalog::Dataset& dataset, const manifest::Manifest& manifest,
    const std::vector<manifest::ResolvedFile>& files);

// After a load was refused: the first value that does not fit, as file and row (1-based, without the header).
[[nodiscard]] catalog::Findings find_bad_values(Connection& connection, const FileSource& source);

// Each CSV file's rows against what the manifest says of it, all findings at once. `rows` are those of all
// files together, where they are known already. Parquet footers are compared by inspect_files.
[[nodiscard]] Result<catalog::Findings> check_csv_counts(Connection& connection, const FileSource& source,
                                                         std::optional<std::int64_t> rows);

// read_csv or read_parquet of these files, all of one format; CSV columns are text and named c0, c1, …
// `numbered`: slower, and row_number_of() is a row's place in its file.
[[nodiscard]] std::string reader_of(const std::vector<const manifest::ResolvedFile*>& files,
                                    std::size_t csv_columns, bool numbered = false);

// What an instance must be allowed to reach to read these files.
[[nodiscard]] std::vector<std::string> paths_of(const std::vector<manifest::ResolvedFile>& files);

// The manifest's type of each of the contract's columns.
[[nodiscard]] std::vector<catalog::ColumnType> declared_types(const catalog::Dataset& dataset,
                                                              const manifest::Manifest& manifest);

[[nodiscard]] const char* sql_type(catalog::ColumnType type);  // how a column is stored

}  // namespace offloader::engine
