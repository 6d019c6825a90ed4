#pragma once

#include <duckdb.h>

#include <string>
#include <string_view>

#include "offloader/base/result.h"
#include "offloader/catalog/column.h"
#include "offloader/manifest/csv_dialect.h"

// The parsers that convert a CSV field to a column's type, as DuckDB scalar functions. DuckDB's own casts
// round `1.5` to an integer and drop the offset of a timestamp; the contract rejects the former and applies
// the latter (manifest.md, table).
namespace offloader::duckdb {

// Registers, for the whole database, offloader_boolean, _integer, _bigint, _double, _double_comma, _date,
// _timestamp, _timestamptz, _uuid, _decimal, _date_as, _timestamp_as, _timestamptz_as and _json. Each takes
// VARCHAR and raises an error for text that does not fit. NULL stays NULL. Empty text becomes NULL, except
// that _json rejects it. NaN and infinities of the _double functions become NULL. The _as functions take the
// pattern (TimeFormat) as a second, constant argument. _decimal takes decimal_format(), and returns the value
// as text that DuckDB casts to the type exactly. Errors: `internal`.
[[nodiscard]] Result<void> register_text_functions(duckdb_connection connection);

// The constant argument of offloader_decimal for a type, a DECIMAL.
[[nodiscard]] std::string decimal_format(const catalog::SizedType& type, char decimal_sign);

// The same parsers, without DuckDB: whether the text of a CSV field that is not NULL fits the type.
// Thread-safe.
enum class TextFit { fits, misfit, out_of_years };
[[nodiscard]] TextFit text_fit(const catalog::SizedType& type, std::string_view text,
                               const manifest::CsvDialect& dialect);

}  // namespace offloader::duckdb
