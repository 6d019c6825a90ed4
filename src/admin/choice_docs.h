#pragma once

#include "column_docs.h"

// The params with which a caller chooses grouping, order and totals, where an endpoint turns them on.
namespace offloader::admin {

// Returns them in the shape of declared params.
[[nodiscard]] Json choice_params(const catalog::Endpoint& endpoint);

// Returns their JSON Schemas and descriptions by name, in that order.
struct ChoiceSchema {
  std::string name;
  std::string description;
  Json schema;
};
[[nodiscard]] std::vector<ChoiceSchema> choice_schemas(const catalog::Endpoint& endpoint);

// Returns the JSON Schema of `offset`.
[[nodiscard]] Json offset_schema(const catalog::Endpoint& endpoint);

// Adds the totals that the endpoint offers to the properties of its `meta`.
void add_totals(Json& properties, const catalog::Endpoint& endpoint, const catalog::Dataset& dataset);

// Whether answers of the endpoint have the column if the caller does not choose.
[[nodiscard]] bool is_standard_column(const catalog::Endpoint& endpoint, std::size_t select);

}  // namespace offloader::admin
