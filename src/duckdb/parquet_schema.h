#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace offloader::duckdb {

class ThriftCompact;

// One element of a Parquet schema, which is a list in depth-first order. Numbers are those of parquet.thrift;
// -1 if the element has none.
struct SchemaElement {
  std::string_view name;        // points into the footer
  std::int64_t physical = -1;   // Type
  std::int64_t repetition = 0;  // 0 required, 1 optional, 2 repeated
  std::int64_t children = 0;    // 0: a leaf
  std::int64_t converted = -1;  // ConvertedType
  std::int64_t logical = -1;    // LogicalType: the id of the union's member
};
using ParquetSchema = std::vector<SchemaElement>;

// Reads one element. A malformed one makes `in` bad.
[[nodiscard]] SchemaElement read_schema_element(ThriftCompact& in);

// Returns the names of the top-level columns.
[[nodiscard]] std::vector<std::string> top_level_columns(const ParquetSchema& schema);

struct SchemaLeaf {
  std::uint32_t column = 0;  // index of its top-level column
  // Whether its values have repetition levels and definition levels.
  bool repeated = false;
  bool optional = false;
};

// Returns the leaves in the order of a row group's columns; nullopt if the schema is malformed.
[[nodiscard]] std::optional<std::vector<SchemaLeaf>> schema_leaves(const ParquetSchema& schema);

struct SchemaProblem {
  std::uint32_t column = 0;  // index into top_level_columns()
  std::string text;          // `the VARIANT is malformed at `doc.typed_value.who`. …`
};

// Returns the first problem of each column whose VARIANT does not have the schema that the format requires.
// DuckDB does not check that schema: it reads the parts as the types they should have, and crashes the
// process.
[[nodiscard]] std::vector<SchemaProblem> schema_problems(const ParquetSchema& schema);

}  // namespace offloader::duckdb
