#pragma once

#include <functional>
#include <string>
#include <vector>

#include "csv_files.h"
#include "csv_reader.h"
#include "file_source.h"

// The CSV part of file_source.h.
namespace offloader::duckdb {

// Returns a read_csv() call for files whose lines have `columns` fields each, which become text columns c0,
// c1, …
[[nodiscard]] std::string csv_reader_sql(const CsvFiles& csv,
                                         const std::vector<const manifest::ResolvedFile*>& files,
                                         std::size_t columns);

// Returns the position of each of the contract's columns in the header or, without a header, in the
// manifest's schema. Adds problems to `findings`; columns that nothing declares are warnings, or errors if
// the compatibility policy is exact.
[[nodiscard]] std::vector<std::size_t> find_csv_columns(const CsvRecord& first,
                                                        const catalog::Dataset& dataset,
                                                        const manifest::Manifest& manifest,
                                                        const std::string& file, catalog::Findings& findings);

// Reads the first lines of every CSV file and groups the files that can be read alike. Adds problems of files
// to `findings`. Errors: the reason why a file cannot be read.
[[nodiscard]] Result<std::vector<SourceGroup>> inspect_csv(CsvFiles& csv, const catalog::Dataset& dataset,
                                                           const manifest::Manifest& manifest,
                                                           const std::function<bool()>& interrupted,
                                                           catalog::Findings& findings);

// The name of a file in findings: its path in the manifest, without the query of a URL, which may contain a
// signature.
[[nodiscard]] std::string shown_path(const manifest::DataFile& file);

// Returns a schema_data_mismatch finding about a CSV file.
[[nodiscard]] catalog::Finding csv_finding(const std::string& file, std::string message, std::string hint,
                                           std::string column = {});

// The same for an error of CsvReader. Requires: its code is `rejected`.
[[nodiscard]] catalog::Finding csv_finding(const std::string& file, const Error& error);

// Returns a finding if the header's only field contains another usual delimiter than the dialect's, which it
// names.
[[nodiscard]] std::optional<catalog::Finding> other_delimiter(const CsvRecord& header,
                                                              const manifest::CsvDialect& dialect,
                                                              const std::string& file);

// Whether the row has `columns` fields, or more of which all further ones are NULL: some writers end lines
// with delimiters, and DuckDB ignores these fields.
[[nodiscard]] bool has_columns(const CsvRecord& record, std::size_t columns,
                               const manifest::CsvDialect& dialect);

// Whether the dialect reads the field as NULL, whatever the type of its column.
[[nodiscard]] bool is_null(const CsvField& field, const manifest::CsvDialect& dialect);

// Returns the finding that `text` does not fit the column: `Row 2: value "abc" of qty is not an INTEGER.` The
// value of a secret column is left out.
[[nodiscard]] catalog::Finding misfit_finding(const std::string& file, const CsvColumn& column,
                                              std::int64_t row, std::int64_t line, std::string_view text,
                                              const manifest::CsvDialect& dialect);

// Reads a whole file and returns a finding for the first value of each column that does not fit, up to the
// first line that cannot be parsed. Returns none if the file is valid. Errors: `cancelled`, or the reason why
// the file cannot be read.
[[nodiscard]] Result<catalog::Findings> diagnose_csv(ByteInput& input, const manifest::CsvDialect& dialect,
                                                     const SourceGroup& group, const std::string& file,
                                                     const std::function<bool()>& interrupted);

}  // namespace offloader::duckdb
