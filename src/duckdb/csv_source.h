#pragma once

#include <functional>
#include <string>
#include <vector>

#include "csv_files.h"
#include "csv_reader.h"
#include "file_source.h"

// The CSV half of file_source.h.
namespace offloader::duckdb {

// read_csv over files whose lines have `columns` fields each: text under the names c0, c1, …
[[nodiscard]] std::string csv_reader_sql(const CsvFiles& csv,
                                         const std::vector<const manifest::ResolvedFile*>& files,
                                         std::size_t columns);

// Where the header (or without one, the manifest's schema) has each of the contract's columns. What is wrong
// is added to `findings`, and so are, as warnings, columns that nothing declares.
[[nodiscard]] std::vector<std::size_t> find_csv_columns(const CsvRecord& first,
                                                        const catalog::Dataset& dataset,
                                                        const manifest::Manifest& manifest,
                                                        const std::string& file, catalog::Findings& findings);

// Looks at the first lines of every CSV file and puts those that are alike into groups. Errors: why a file
// cannot be read; what is wrong with one is in `findings`.
[[nodiscard]] Result<std::vector<SourceGroup>> inspect_csv(CsvFiles& csv, const catalog::Dataset& dataset,
                                                           const manifest::Manifest& manifest,
                                                           const std::function<bool()>& interrupted,
                                                           catalog::Findings& findings);

// What findings call a file: its path in the manifest, of a URL without the query, which may be a signature.
[[nodiscard]] std::string shown_path(const manifest::DataFile& file);

// A finding of what a CSV file is refused for.
[[nodiscard]] catalog::Finding csv_finding(const std::string& file, std::string message, std::string hint,
                                           std::string column = {});

// The same of a reader's error. Requires: its code is `rejected`.
[[nodiscard]] catalog::Finding csv_finding(const std::string& file, const Error& error);

// The sign that stands between this header's fields, when it is plainly another than the dialect's; with the
// finding that says so.
[[nodiscard]] std::optional<catalog::Finding> other_delimiter(const CsvRecord& header,
                                                              const manifest::CsvDialect& dialect,
                                                              const std::string& file);

// Whether the line has `columns` fields, or more of which every further one is NULL: some writers end lines
// with delimiters, and DuckDB passes over them.
[[nodiscard]] bool has_columns(const CsvRecord& record, std::size_t columns,
                               const manifest::CsvDialect& dialect);

// A field that the dialect takes for NULL whatever its column's type.
[[nodiscard]] bool is_null(const CsvField& field, const manifest::CsvDialect& dialect);

// Why `text` is no value of the column, for a person: `Row 2: value "abc" of qty is not an INTEGER.` A
// secret column's value is left out.
[[nodiscard]] catalog::Finding misfit_finding(const std::string& file, const CsvColumn& column,
                                              std::int64_t row, std::int64_t line, std::string_view text,
                                              const manifest::CsvDialect& dialect);

// Reads a file from front to back and finds the first value of each column that does not fit, up to the first
// line that cannot be read. Nothing when all is well. Errors: why the file cannot be read.
[[nodiscard]] Result<catalog::Findings> diagnose_csv(ByteInput& input, const manifest::CsvDialect& dialect,
                                                     const SourceGroup& group, const std::string& file,
                                                     const std::function<bool()>& interrupted);

}  // namespace offloader::duckdb
