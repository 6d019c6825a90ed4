#include "column_docs.h"

namespace offloader::admin {
namespace {

// Returns the example as a JSON value, as it appears in an answer.
Json example_of(const catalog::ColumnTypeRow& type) {
  return type.json.type == "string" ? Json(type.example) : Json::parse(type.example);
}

}  // namespace

Json json_schema(const catalog::JsonForm& form) {
  Json schema = Json::object();
  if (!form.type.empty()) schema["type"] = form.type;
  if (!form.format.empty()) schema["format"] = form.format;
  if (!form.pattern.empty()) schema["pattern"] = form.pattern;
  if (!form.description.empty()) schema["description"] = form.description;
  return schema;
}

ColumnDocs describe(const catalog::Select& select, const catalog::Dataset& dataset) {
  const catalog::AggregateRow* const aggregate =
      select.aggregate ? &catalog::row_of(*select.aggregate) : nullptr;
  const catalog::ColumnType column = dataset.schema[select.column].type;
  const catalog::ColumnTypeRow& type = catalog::row_of(aggregate ? aggregate->result(column) : column);
  catalog::JsonForm form = type.json;
  if (aggregate != nullptr && aggregate->past_int64 && form.type == "integer") form.format = {};
  ColumnDocs out;
  out.name = select.as;
  out.type = type.name;
  out.nested = !type.scalar;
  out.nullable = aggregate == nullptr || aggregate->nullable;
  out.schema = json_schema(form);
  if (out.nullable && out.schema.contains("type"))
    out.schema["type"] = Json::array({out.schema["type"], "null"});
  out.example = example_of(type);
  return out;
}

}  // namespace offloader::admin
