#include "choice_docs.h"

#include <algorithm>
#include <vector>

namespace offloader::admin {
namespace {

using catalog::Endpoint;

Json names_of(const Endpoint& endpoint, const std::vector<std::size_t>& selects) {
  Json names = Json::array();
  for (const std::size_t select : selects) names.push_back(endpoint.select[select].as);
  return names;
}

Json offered_totals(const Endpoint& endpoint) {
  Json words = Json::array();
  if (endpoint.totals.rows) words.push_back(catalog::kTotals[0]);
  if (endpoint.totals.grand) words.push_back(catalog::kTotals[1]);
  return words;
}

std::string totals_description(const Endpoint& endpoint) {
  std::string text = "Adds to `meta`:";
  if (endpoint.totals.rows) text += " with `rows` `total_rows`, the number of rows of all pages";
  if (endpoint.totals.rows && endpoint.totals.grand) text += ";";
  if (endpoint.totals.grand)
    text += " with `grand` `totals`, the aggregates over all rows that match the filters";
  return text + (endpoint.offers_formats() ? ". Needs the format `json`." : ".");
}

constexpr const char* kBy = "The columns to group by. An answer has these and the aggregates.";
constexpr const char* kSort =
    "The columns to sort by, the first one first; with `-` before a name in descending order.";

Json list_schema(Json words) {
  return {{"type", "array"},
          {"minItems", 1},
          {"uniqueItems", true},
          {"items", {{"type", "string"}, {"enum", std::move(words)}}}};
}

}  // namespace

Json choice_params(const Endpoint& endpoint) {
  Json out = Json::array();
  const auto add = [&](const char* name, std::string description, Json words, Json standard) {
    out.push_back({{"name", name},
                   {"type", "list"},
                   {"required", false},
                   {"enum", std::move(words)},
                   {"default", std::move(standard)},
                   {"aliases", Json::object()},
                   {"description", std::move(description)}});
  };
  if (const auto& choice = endpoint.group_choice) {
    std::string standard;
    for (const std::size_t select : choice->standard)
      standard += (standard.empty() ? "" : ",") + endpoint.select[select].as;
    add("by", kBy, names_of(endpoint, choice->among), standard.empty() ? Json(nullptr) : Json(standard));
    if (choice->most) out.back()["list"] = {{"max", *choice->most}};
  }
  if (!endpoint.sortable.empty()) add("sort", kSort, names_of(endpoint, endpoint.sortable), nullptr);
  if (endpoint.totals.any()) add("totals", totals_description(endpoint), offered_totals(endpoint), nullptr);
  return out;
}

std::vector<ChoiceSchema> choice_schemas(const Endpoint& endpoint) {
  std::vector<ChoiceSchema> out;
  if (const auto& choice = endpoint.group_choice) {
    Json schema = list_schema(names_of(endpoint, choice->among));
    schema["minItems"] = endpoint.aggregated() ? 0 : 1;
    if (choice->most) schema["maxItems"] = *choice->most;
    schema["default"] = names_of(endpoint, choice->standard);
    out.push_back({"by", kBy, std::move(schema)});
  }
  if (!endpoint.sortable.empty()) {
    Json words = names_of(endpoint, endpoint.sortable);
    for (const std::size_t select : endpoint.sortable) words.push_back("-" + endpoint.select[select].as);
    out.push_back({"sort", kSort, list_schema(std::move(words))});
  }
  if (endpoint.totals.any())
    out.push_back({"totals", totals_description(endpoint), list_schema(offered_totals(endpoint))});
  return out;
}

Json offset_schema(const Endpoint& endpoint) {
  Json schema = {{"type", "integer"}, {"format", "int64"}, {"minimum", 0}};
  if (endpoint.max_offset) schema["maximum"] = *endpoint.max_offset;
  schema["default"] = 0;
  return schema;
}

void add_totals(Json& properties, const Endpoint& endpoint, const catalog::Dataset& dataset) {
  if (endpoint.totals.rows) {
    properties["total_rows"] = {{"type", "integer"},
                                {"minimum", 0},
                                {"description", "The number of rows of all pages; with `totals=rows`."}};
  }
  if (!endpoint.totals.grand) return;
  Json columns = Json::object();
  for (const catalog::Select& select : endpoint.select) {
    if (!select.of_group()) continue;
    ColumnDocs column = describe(select, dataset);
    columns[column.name] = std::move(column.schema);
  }
  properties["totals"] = {
      {"type", "object"},
      {"additionalProperties", false},
      {"description", "The aggregates over all rows that match the filters; with `totals=grand`."},
      {"properties", std::move(columns)}};
}

bool is_standard_column(const Endpoint& endpoint, std::size_t select) {
  if (!endpoint.group_choice || endpoint.select[select].of_group()) return true;
  const std::vector<std::size_t>& standard = endpoint.group_choice->standard;
  return std::find(standard.begin(), standard.end(), select) != standard.end();
}

}  // namespace offloader::admin
