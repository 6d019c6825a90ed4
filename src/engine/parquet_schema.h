#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace offloader::engine {

class ThriftCompact;

// One element of a Parquet file's schema, which is a list in depth-first order. Numbers of parquet.thrift;
// -1 where the element does not say.
struct SchemaElement {
  std::string_view name;        // of the footer's bytes
  std::int64_t physical = -1;   // Type
  std::int64_t repetition = 0;  // required, optional, repeated
  std::int64_t children = 0;    // none: a leaf
  std::int64_t converted = -1;  // ConvertedType
  std::int64_t logical = -1;    // LogicalType: the union's member
};
using ParquetSchema = std::vector<SchemaElement>;

[[nodiscard]] SchemaElement read_schema_element(ThriftCompact& in);

[[nodiscard]] std::vector<std::string> top_level_columns(const ParquetSchema& schema);

struct SchemaLeaf {
  std::uint32_t column = 0;  // the top-level column that it belongs to
  // Whether its values have levels of repetition and of definition.
  bool repeated = false;
  bool optional = false;
};

// Returns the leaves in the order of a row group's columns; empty if the schema is malformed, which DuckDB
// rejects.
[[nodiscard]] std::vector<SchemaLeaf> schema_leaves(const ParquetSchema& schema);

struct SchemaProblem {
  std::uint32_t column = 0;  // index of top_level_columns()
  std::string text;          // `Its VARIANT is not built as one, at `doc.typed_value.who`.`
};

// Returns the first problem of each column whose VARIANT does not have the schema that the format requires.
// DuckDB does not check that schema: it reads the parts as the types they should have, and ends the process.
[[nodiscard]] std::vector<SchemaProblem> schema_problems(const ParquetSchema& schema);

}  // namespace offloader::engine
