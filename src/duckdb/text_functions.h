#pragma once

#include <duckdb.h>

#include <string_view>

#include "offloader/base/result.h"
#include "offloader/catalog/column.h"
#include "offloader/manifest/csv_dialect.h"

// The parsers that turn a CSV field into a column's type, as DuckDB scalar functions: DuckDB's own casts
// round `1.5` to an integer and drop the offset of a timestamp, the contract refuses the one and applies the
// other (manifest.md, table).
namespace offloader::duckdb {

// offloader_boolean, _integer, _bigint, _double, _double_comma, _date, _timestamp, _json: each takes VARCHAR
// and raises for text that does not fit; NULL stays NULL, and empty text is NULL too, but for _json, which
// refuses it. NaN and infinities of _double are NULL. _date_as and _timestamp_as take the pattern
// (TimeFormat) as a second, constant argument. Registered for the whole database.
[[nodiscard]] Result<void> register_text_functions(duckdb_connection connection);

// The same parsers, without DuckDB: whether a CSV field's text that is not NULL is a value of the type.
enum class TextFit { fits, misfit, out_of_years };
[[nodiscard]] TextFit text_fit(catalog::ColumnType type, std::string_view text,
                               const manifest::CsvDialect& dialect);

}  // namespace offloader::duckdb
