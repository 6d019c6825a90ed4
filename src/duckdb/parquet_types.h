#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "offloader/catalog/column.h"

// Which of DuckDB's types a declared column may have in a Parquet file, and the SQL that converts its values
// (manifest.md, table).
namespace offloader::duckdb {

// DuckDB's name for Parquet's logical type NULL: a column without values, which fits every declared type.
inline constexpr std::string_view kNullType = "NULL";

struct ParquetReading {
  // What a query of remote_scan reads. DATE and TIMESTAMP pass unchecked, so that DuckDB can compare filters
  // with a footer's bounds; other values that do not fit raise an error.
  std::string scanned;
  // The same, with dates outside of the years 0001 to 9999 as NULL; for files whose footers have no bounds.
  std::string guarded;
  // What a load reads: raises an error for each value that does not fit.
  std::string loaded;
  // Whether a value, which is not NULL, does not fit. Never raises. Empty where every value fits.
  std::string misfit;
  // What is wrong with such a value and what to do about it: `is not a whole number. Declare …`
  std::string reason;
};

// `raw` is the file's column, quoted. Nothing where the types do not go together.
[[nodiscard]] std::optional<ParquetReading> parquet_reading(catalog::ColumnType declared,
                                                            std::string_view type, const std::string& raw);

// What to do where parquet_reading returns nothing: a sentence.
[[nodiscard]] std::string parquet_type_advice(catalog::ColumnType declared, std::string_view type);

// The type to declare for a file's column, before its values are looked at; nothing where no contract has it.
[[nodiscard]] std::optional<catalog::ColumnType> parquet_draft(std::string_view type);

}  // namespace offloader::duckdb
