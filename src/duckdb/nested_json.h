#pragma once

#include <duckdb.h>

#include <optional>
#include <string>
#include <string_view>

#include "offloader/base/result.h"

// Nested values as JSON documents. DuckDB's own to_json() drops zeros of decimals and writes timestamps in a
// form of its own; in a document they have the same forms as in a column (query-semantics.md). Thread-safe.
namespace offloader::duckdb {

// Registers offloader_nested_json, which takes one STRUCT, MAP, LIST or ARRAY of the types that nested_sql()
// casts to. Errors: `internal`.
[[nodiscard]] Result<void> register_nested_json(duckdb_connection connection);

// Returns the SQL that converts the value `raw`, of a nested type as DESCRIBE writes it, to a document.
// Documents without decimals and timestamps are left to to_json().
[[nodiscard]] std::string nested_sql(std::string_view type, const std::string& raw);

// Returns the type to which nested_sql() casts a value, in which VARCHAR stands for types that are written as
// their text; nullopt if the type has neither decimals nor timestamps, or is not understood.
[[nodiscard]] std::optional<std::string> written_type(std::string_view type);

}  // namespace offloader::duckdb
