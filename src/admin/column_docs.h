#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "offloader/catalog/catalog.h"

namespace offloader::admin {

using Json = nlohmann::ordered_json;

// The documentation of one response column as clients see it (query-semantics.md, "Values as JSON").
struct ColumnDocs {
  std::string name;  // the select's `as`
  std::string type;  // type of the column or aggregate, spelled as in the contract
  bool nested = false;
  bool nullable = true;
  Json schema;   // JSON Schema
  Json example;  // derived from the type, never from data
  std::string description;
  bool as_text = false;  // a number as a JSON string
};

// Returns the JSON Schema of a value.
[[nodiscard]] Json json_schema(const catalog::JsonForm& form);

// Returns the documentation of the column that `select` produces. `filled_with_nulls`: the endpoint adds
// groups in which every aggregate is null.
[[nodiscard]] ColumnDocs describe(const catalog::Select& select, const catalog::Dataset& dataset,
                                  bool filled_with_nulls = false);

// Whether the endpoint adds buckets with nulls.
[[nodiscard]] bool fills_with_nulls(const catalog::Endpoint& endpoint);

}  // namespace offloader::admin
