#include "column_docs.h"

#include <algorithm>

namespace offloader::admin {
namespace {

// A value with as many digits as the type has after the point, as far as a double shows them.
std::string decimal_example(const catalog::DecimalSize& size) {
  constexpr std::string_view kFraction = "3456789123";
  std::string text = size.whole() > 1 ? "12" : size.whole() == 1 ? "2" : "0";
  if (size.scale > 0) text.append(".").append(kFraction.substr(0, size.scale));
  return text;
}

// Returns the example as a JSON value, as it appears in an answer.
Json example_of(const catalog::SizedType& type) {
  const catalog::ColumnTypeRow& row = catalog::row_of(type);
  if (row.json.type == "string") return row.example;
  if (type != catalog::ColumnType::decimal) return Json::parse(row.example);
  // A whole number has the example of BIGINT.
  if (type.size.scale == 0 && type.size.whole() > 1)
    return Json::parse(catalog::row_of(catalog::ColumnType::bigint).example);
  return Json::parse(decimal_example(type.size));
}

Json schema_of(const catalog::SizedType& type) {
  Json schema = json_schema(catalog::row_of(type).json);
  if (type != catalog::ColumnType::decimal) return schema;
  if (type.size.scale == 0) return {{"type", "integer"}};
  schema["description"] = catalog::name_of(type) + ": exactly " + std::to_string(type.size.scale) +
                          (type.size.scale == 1 ? " digit" : " digits") + " after the point";
  return schema;
}

// Says what a bucket's value is.
std::string bucket_text(const catalog::Bucket& bucket, bool has_zone) {
  std::string text = "The start of the ";
  if (bucket.grain_param) {
    text += "bucket, as long as the request chooses";
  } else {
    text += catalog::name_of(bucket.grain);
    const bool sunday = bucket.week_start == catalog::WeekStart::sunday;
    if (sunday && bucket.grain == catalog::Grain::week) text += ", which begins on Sunday";
  }
  if (!has_zone) return text;
  if (bucket.zone_param) return text + ", in the time zone that the request chooses";
  return text + (bucket.zone.empty() ? ", in UTC" : ", in " + bucket.zone);
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

ColumnDocs describe(const catalog::Select& select, const catalog::Dataset& dataset, bool filled_with_nulls) {
  const catalog::SizedType type = catalog::result_type(select, dataset);
  ColumnDocs out;
  out.name = select.as;
  out.type = catalog::name_of(type);
  out.nested = !catalog::row_of(type).scalar;
  out.nullable = !select.aggregate || catalog::row_of(*select.aggregate).nullable || filled_with_nulls;
  out.schema = schema_of(type);
  out.example = example_of(type);
  out.description = select.description;
  out.as_text = select.as_text;
  if (select.as_text) {
    // The digits that the number would have.
    out.schema["type"] = "string";
    out.example = out.example.dump();
  }
  if (select.bucket) {
    const bool has_zone = dataset.schema[select.column].type != catalog::ColumnType::date;
    out.schema["description"] = bucket_text(*select.bucket, has_zone);
  }
  if (out.nullable && out.schema.contains("type"))
    out.schema["type"] = Json::array({out.schema["type"], "null"});
  if (!select.description.empty()) {
    const std::string form = out.schema.value("description", "");
    out.schema["description"] = form.empty() ? select.description : select.description + " (" + form + ")";
  }
  return out;
}

bool fills_with_nulls(const catalog::Endpoint& endpoint) {
  return std::any_of(endpoint.select.begin(), endpoint.select.end(), [](const catalog::Select& select) {
    return select.bucket && select.bucket->fill == catalog::Fill::null;
  });
}

}  // namespace offloader::admin
