#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "offloader/catalog/catalog.h"

namespace offloader::admin {

using Json = nlohmann::ordered_json;

// What one response column looks like on the wire (query-semantics.md, "Values as JSON").
struct ColumnDocs {
  std::string name;  // the select's `as`
  std::string type;  // the contract's spelling, or of an aggregate's result
  bool nested = false;
  bool nullable = true;
  Json schema;   // JSON Schema
  Json example;  // made up from the type, never from data
};

// JSON Schema of a value of a type.
[[nodiscard]] Json json_schema(const catalog::JsonForm& form);

[[nodiscard]] ColumnDocs describe(const catalog::Select& select, const catalog::Dataset& dataset);

}  // namespace offloader::admin
