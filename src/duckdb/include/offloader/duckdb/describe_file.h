#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/catalog/catalog.h"
#include "offloader/catalog/column.h"
#include "offloader/catalog/finding.h"
#include "offloader/manifest/manifest.h"

namespace offloader::duckdb {

// The contents of a data file, as a manifest would declare them.
struct FileDescription {
  std::vector<catalog::Column> columns;
  // Columns without values: CSV columns that are NULL in every row, and Parquet columns of the logical type
  // NULL. They are declared as VARCHAR.
  std::vector<std::string> valueless;
  std::vector<std::string> ignored;  // columns that no contract can declare, each with the reason
  std::vector<std::string> renamed;  // CSV columns with an invalid name, each with its new name
  catalog::Findings findings;        // the first value of each CSV column that does not fit the contract
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;
};

struct DescribeOptions {
  manifest::CsvDialect dialect;
  // Gives names and types to the CSV columns that it declares, and types to the Parquet columns that can be
  // read as such.
  const catalog::Dataset* contract = nullptr;
};

// Reads the schema, the row count and the size of a local CSV or Parquet file. A Parquet file is read by a
// DuckDB instance that can access no other file. A Parquet column gets the type of the file, DECIMAL, UUID
// and TIMESTAMPTZ included; a DECIMAL without digits after the point is an integer. A CSV column gets the
// narrowest of BOOLEAN, BIGINT, DOUBLE, DATE, TIMESTAMPTZ (if every value has an offset), TIMESTAMP, UUID and
// JSON that the loader's own parsers accept for every value, otherwise VARCHAR. Numbers with leading zeros,
// and whole numbers beyond 64 bits, are VARCHAR. So a manifest made from the description loads. Blocking.
// Errors: not_found; rejected (not a file of this format, or a header or line that cannot be parsed; the
// message has the line, the cause and what to do); unavailable.
[[nodiscard]] Result<FileDescription> describe_file(const std::filesystem::path& path,
                                                    manifest::FileFormat format,
                                                    const DescribeOptions& options = {});

// Returns the findings, including warnings, that a load would report for the first lines of the manifest's
// CSV file. Errors: `unavailable` if the file cannot be opened.
[[nodiscard]] Result<catalog::Findings> check_csv_header(const manifest::ResolvedFile& file,
                                                         const catalog::Dataset& dataset,
                                                         const manifest::Manifest& manifest);

}  // namespace offloader::duckdb
