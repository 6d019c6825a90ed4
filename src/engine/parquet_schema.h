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

// The leaves in the order of a row group's columns. None where the schema is malformed, which DuckDB refuses.
[[nodiscard]] std::vector<SchemaLeaf> schema_leaves(const ParquetSchema& schema);

struct SchemaProblem {
  std::uint32_t column = 0;  // index of top_level_columns()
  std::string text;          // `Its VARIANT is not built as one, at `doc.typed_value.who`.`
};

// Columns whose VARIANT is not made of the parts that the format names. DuckDB takes the parts for what they
// should be, whatever they are, and ends the process. The first problem of each column.
[[nodiscard]] std::vector<SchemaProblem> schema_problems(const ParquetSchema& schema);

}  // namespace offloader::engine
