#pragma once

#include <stdexcept>
#include <string>

#include "offloader/catalog/load.h"

namespace offloader::query {

// A dataset and one endpoint over it, loaded like a project.
struct Contract {
  catalog::Endpoint endpoint;
  catalog::Dataset dataset;
};

// `dataset` and `endpoint` are the YAML of a dataset file and an endpoint file. Throws if they have findings.
[[nodiscard]] inline Contract load_contract(const std::string& dataset, const std::string& endpoint) {
  const auto loaded = catalog::load_project_files(
      {{"offloader.yml", "version: 1\n"}, {"datasets/d.yml", dataset}, {"endpoints/e.yml", endpoint}});
  if (loaded.catalog == nullptr) throw std::invalid_argument(catalog::to_text(loaded.findings));
  const catalog::Endpoint& first = loaded.catalog->endpoints.begin()->second;
  return {first, loaded.catalog->dataset_of(first)};
}

// A tenant-scoped contract with each type of param, for tests that need any contract.
[[nodiscard]] inline Contract usual_contract() {
  return load_contract(
      "id: sales\nmanifest: m.json\ntenant_column: account\nschema:\n"
      "  - {name: account, type: VARCHAR}\n  - {name: day, type: DATE}\n  - {name: at, type: TIMESTAMP}\n"
      "  - {name: tier, type: VARCHAR}\n  - {name: price, type: DOUBLE}\n  - {name: units, type: BIGINT}\n",
      "name: sales\nversion: 1\ndataset: sales\ntenant: {column: account}\nparams:\n"
      "  - {name: since, type: date}\n  - {name: on, type: date}\n"
      "  - {name: tier, type: enum, enum: [GOLD, EMERALD+], aliases: {best: EMERALD+}, default: GOLD}\n"
      "  - {name: price, type: string}\n  - {name: units, type: integer, max: 100}\n"
      "query:\n  select:\n    - {as: day, column: day}\n    - {as: tier, column: tier}\n    - {as: units, "
      "column: units}\n"
      "  filters:\n    - {column: day, op: gte, param: since}\n    - {column: at, op: eq, param: on}\n"
      "    - {column: tier, op: eq, param: tier}\n    - {column: price, op: eq, param: price}\n"
      "    - {column: units, op: lte, param: units}\n  order_by: [{column: units, dir: desc}]\n"
      "columns: [day, tier, units]\n");
}

}  // namespace offloader::query
