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

// What a data file holds, as a manifest would declare it.
struct FileDescription {
  std::vector<catalog::Column> columns;
  std::vector<std::string>
      valueless;  // CSV columns that are NULL in every row, and VARCHAR for want of a better type
  std::vector<std::string> ignored;  // columns that no contract can have, each with the reason
  std::vector<std::string>
      renamed;                 // CSV columns whose names no contract can have, each with what it is called
  catalog::Findings findings;  // what does not fit the contract: the first value of each CSV column
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;
};

struct DescribeOptions {
  manifest::CsvDialect dialect;
  const catalog::Dataset* contract = nullptr;  // says names and types of the CSV columns that it has
};

// Reads the schema, the row count and the size of a local CSV or Parquet file, a Parquet file by an instance
// of its own that can read nothing else. A CSV column gets the narrowest of BOOLEAN, BIGINT, DOUBLE, DATE,
// TIMESTAMP and JSON that every value of it fits by the loader's own parsers, else VARCHAR; numbers with
// leading zeros, and whole ones past 64 bits, are text. So a manifest made of this loads. Blocking. Errors:
// not_found, rejected (no such file format, a header or line that cannot be read, with line, cause and what
// to do), unavailable.
[[nodiscard]] Result<FileDescription> describe_file(const std::filesystem::path& path,
                                                    manifest::FileFormat format,
                                                    const DescribeOptions& options = {});

// What a load would say of the first lines of the manifest's CSV file: the same findings, warnings among
// them. `unavailable` when the file cannot be opened.
[[nodiscard]] Result<catalog::Findings> check_csv_header(const manifest::ResolvedFile& file,
                                                         const catalog::Dataset& dataset,
                                                         const manifest::Manifest& manifest);

}  // namespace offloader::duckdb
