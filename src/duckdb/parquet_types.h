#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "offloader/catalog/column.h"

// Which of DuckDB's types in a Parquet file each declared type accepts, and the SQL that converts the values
// (manifest.md, table). Thread-safe.
namespace offloader::duckdb {

// Our name for Parquet's logical type NULL: a column without values, which fits every declared type.
inline constexpr std::string_view kNullType = "NULL";

struct ParquetReading {
  // The expression that remote_scan reads. DATE, TIMESTAMP and TIMESTAMPTZ are not checked, so that DuckDB
  // can compare filters with the bounds in footers. Other values that do not fit raise an error.
  std::string scanned;
  // The same, but dates outside of the years 0001 to 9999 are NULL; for files whose footers have no bounds.
  std::string guarded;
  // The expression that a load reads. Raises an error for each value that does not fit.
  std::string loaded;
  // Condition that a value, which is not NULL, does not fit. Never raises. Empty if every value fits.
  std::string misfit;
  // What is wrong with such a value, and what to do: `is not a whole number. Declare …`
  std::string reason;
};

// Returns how to read the file's column `raw`, which is quoted. Returns nullopt if the types are
// incompatible.
[[nodiscard]] std::optional<ParquetReading> parquet_reading(const catalog::SizedType& declared,
                                                            std::string_view type, const std::string& raw);

// Returns a sentence that says what to do if parquet_reading() returns nullopt.
[[nodiscard]] std::string parquet_type_advice(const catalog::SizedType& declared, std::string_view type);

// Returns the type to declare for a file's column, without regard to its values; nullopt if no contract can
// declare it.
[[nodiscard]] std::optional<catalog::SizedType> parquet_draft(std::string_view type);

}  // namespace offloader::duckdb
