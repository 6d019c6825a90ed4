#include "column_docs.h"

namespace offloader::admin {
namespace {

using catalog::Aggregate;
using catalog::ColumnType;

Json nullable(Json schema, bool may_be_null) {
  if (may_be_null && schema.contains("type")) schema["type"] = Json::array({schema["type"], "null"});
  return schema;
}

// The column's type after its aggregate.
ColumnType result_type(const catalog::Select& select, ColumnType type) {
  if (!select.aggregate) return type;
  switch (*select.aggregate) {
    case Aggregate::avg:
      return ColumnType::float64;
    case Aggregate::count:
      return ColumnType::bigint;
    case Aggregate::sum:
      return type == ColumnType::float64 ? type : ColumnType::bigint;
    case Aggregate::min:
    case Aggregate::max:
      return type;
  }
  return type;
}

}  // namespace

ColumnDocs describe(const catalog::Select& select, const catalog::Dataset& dataset) {
  const ColumnType type = result_type(select, dataset.schema[select.column].type);
  ColumnDocs out;
  out.name = select.as;
  out.type = catalog::name_of(type);
  out.nested = type == ColumnType::json;
  out.nullable = select.aggregate != Aggregate::count;
  switch (type) {
    case ColumnType::boolean:
      out.schema = {{"type", "boolean"}};
      out.example = true;
      break;
    case ColumnType::integer:
    case ColumnType::bigint:
      out.schema = {{"type", "integer"}};
      // A sum is exact past 64 bits.
      if (select.aggregate != Aggregate::sum) out.schema["format"] = "int64";
      out.example = 42;
      break;
    case ColumnType::float64:
      out.schema = {{"type", "number"}, {"format", "double"}};
      out.example = 12.5;
      break;
    case ColumnType::date:
      out.schema = {{"type", "string"}, {"format", "date"}};
      out.example = "2026-01-31";
      break;
    case ColumnType::timestamp:
      // UTC without an offset, which is not RFC 3339's date-time.
      out.schema = {{"type", "string"},
                    {"pattern", R"(^[+-]?\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?$)"}};
      out.example = "2026-01-31T12:00:00";
      break;
    case ColumnType::varchar:
      out.schema = {{"type", "string"}};
      out.example = "text";
      break;
    case ColumnType::json:
      out.schema = Json::object({{"description", "A nested document: any JSON value."}});
      out.example = Json::object({{"key", "value"}});
      break;
  }
  out.schema = nullable(std::move(out.schema), out.nullable);
  return out;
}

}  // namespace offloader::admin
