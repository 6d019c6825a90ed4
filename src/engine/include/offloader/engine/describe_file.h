#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/catalog/column.h"
#include "offloader/manifest/manifest.h"

namespace offloader::engine {

// What a data file holds, as a manifest would declare it.
struct FileDescription {
  std::vector<catalog::Column> columns;
  std::vector<std::string>
      valueless;  // CSV columns that are NULL in every row, and VARCHAR for want of a better type
  std::vector<std::string> ignored;  // Parquet columns that no contract can have, each with the reason
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;
};

// Reads the schema, the row count and the size of a local CSV or Parquet file, by an instance of its own that
// can read nothing else. A CSV column gets the narrowest of BOOLEAN, BIGINT, DOUBLE, DATE, TIMESTAMP and JSON
// that every value of it fits by the loader's own parsers, else VARCHAR; numbers with leading zeros are text.
// So a manifest made of this loads. Blocking. Errors: not_found, rejected (no such file format, names that no
// contract can have), unavailable.
[[nodiscard]] Result<FileDescription> describe_file(const std::filesystem::path& path,
                                                    manifest::FileFormat format);

// The names in the first line of a local CSV file, as written. The same errors.
[[nodiscard]] Result<std::vector<std::string>> read_csv_header(const std::filesystem::path& path);

}  // namespace offloader::engine
