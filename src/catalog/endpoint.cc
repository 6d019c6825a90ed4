#include <array>
#include <limits>

#include "caller_block.h"
#include "drafts.h"
#include "format_block.h"
#include "params.h"
#include "query_block.h"

namespace offloader::catalog {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
// Ten thousand years, which added to a date still is one.
constexpr std::int64_t kMostMinutes = 5'256'000'000;
constexpr std::array<std::string_view, 19> kFields = {
    "name",       "version", "owner",        "description", "dataset", "serving_mode", "freshness",
    "tenant",     "params",  "combinations", "query",       "columns", "sortable",     "totals",
    "pagination", "formats", "csv_guard",    "export",      "cache"};
constexpr std::array<std::string_view, 1> kFreshnessFields = {"max_staleness_minutes"};
constexpr std::array<std::string_view, 1> kTenantFields = {"column"};
constexpr std::array<std::string_view, 4> kPaginationFields = {"default_limit", "max_limit", "max_offset",
                                                               "cursor"};
constexpr std::array<std::string_view, 1> kCacheFields = {"policy"};
constexpr std::array<std::string_view, 2> kServingModes = {"local_table", "remote_scan"};
constexpr std::array<std::string_view, 2> kPolicies = {"none", "snapshot"};

const DatasetDraft* read_dataset_name(const Fields& fields, const DatasetDrafts& datasets,
                                      Endpoint& endpoint) {
  const auto name = fields.text("dataset", Need::required);
  if (!name) return nullptr;
  endpoint.dataset = *name;
  const auto found = datasets.find(*name);
  if (found != datasets.end()) return &found->second;
  const Value at = fields.at("dataset");
  at.report("unknown_dataset", "unknown dataset " + at.source->quote(*name), [&] {
    std::vector<std::string> ids;
    for (const auto& [id, draft] : datasets) ids.push_back(id);
    return hint_for(*name, ids, "datasets");
  });
  return nullptr;
}

void read_tenant(const Fields& fields, const DatasetDraft* dataset, Endpoint& endpoint) {
  const Value at = fields.at("tenant");
  if (dataset != nullptr && dataset->has_tenant) {
    endpoint.tenant_scoped = true;
    if (!at.present()) {
      fields.at("tenant").report("missing",
                                 "the dataset has a tenant column, but the endpoint does not name it",
                                 "add `tenant: {column: " + dataset->tenant_name + "}`");
      return;
    }
  }
  if (!at.present()) return;
  const Fields tenant(at, kTenantFields);
  if (!tenant.readable()) return;
  const auto column = tenant.text("column", Need::required);
  if (dataset == nullptr) return;
  if (!dataset->has_tenant) {
    at.report("tenant_forbidden", "the dataset has no tenant column",
              "remove `tenant`, or give the dataset a `tenant_column`");
  } else if (column && !dataset->tenant_name.empty() && *column != dataset->tenant_name) {
    tenant.at("column").report("tenant_mismatch",
                               "the dataset's tenant column is " + at.source->quote(dataset->tenant_name),
                               "write `column: " + dataset->tenant_name + "`");
  }
}

void read_pagination(const Fields& fields, Endpoint& endpoint) {
  const Value at = fields.at("pagination");
  if (!at.present()) return;
  const Fields pagination(at, kPaginationFields);
  if (!pagination.readable()) return;
  const auto standard = pagination.integer("default_limit", Need::optional, 1, kMost);
  const auto most = pagination.integer("max_limit", Need::optional, 1, kMost);
  endpoint.max_offset = pagination.integer("max_offset", Need::optional, 0, kMost);
  endpoint.cursor = read_cursor_paging(pagination.at("cursor"));
  endpoint.default_limit = standard.value_or(endpoint.default_limit);
  endpoint.max_limit = most.value_or(endpoint.max_limit);
  const bool readable = (standard || !pagination.at("default_limit").present()) &&
                        (most || !pagination.at("max_limit").present());
  if (readable && endpoint.default_limit > endpoint.max_limit) {
    pagination.at(standard ? "default_limit" : "max_limit")
        .report("invalid_value", "default_limit (" + std::to_string(endpoint.default_limit) +
                                     ") is greater than max_limit (" + std::to_string(endpoint.max_limit) +
                                     ")");
  }
}

void read_serving(const Fields& fields, Endpoint& endpoint) {
  if (const auto mode = fields.choice("serving_mode", Need::optional, kServingModes)) {
    endpoint.serving_mode = static_cast<ServingMode>(*mode);
  }
  if (const Fields freshness(fields.at("freshness"), kFreshnessFields); freshness.readable()) {
    endpoint.max_staleness_minutes =
        freshness.integer("max_staleness_minutes", Need::required, 1, kMostMinutes);
  }
  if (const Fields cache(fields.at("cache"), kCacheFields, "write `cache: {policy: snapshot}`");
      cache.readable()) {
    if (const auto policy = cache.choice("policy", Need::optional, kPolicies)) {
      endpoint.cache = static_cast<CachePolicy>(*policy);
    }
  }
}

}  // namespace

void read_endpoint(const Value& root, const ProjectDraft& project, const DatasetDrafts& datasets,
                   EndpointDrafts& endpoints, Defined& defined) {
  const Fields fields(root, kFields);
  if (!fields.readable()) return;
  EndpointDraft draft;
  Endpoint& endpoint = draft.endpoint;
  const auto name = read_identifier(fields, "name");
  endpoint.version = fields.integer("version", Need::required, 1, kMost).value_or(1);
  endpoint.owner = fields.text("owner", Need::optional).value_or("");
  endpoint.description = fields.text("description", Need::optional).value_or("");
  const DatasetDraft* dataset = read_dataset_name(fields, datasets, endpoint);
  read_serving(fields, endpoint);
  read_tenant(fields, dataset, endpoint);
  if (dataset != nullptr && dataset->dataset.tenant_column) {
    draft.tenant_type = dataset->dataset.schema[*dataset->dataset.tenant_column].type;
  }
  if (endpoint.tenant_scoped && project.auth == AuthMode::none) {
    fields.at("tenant").report("public_tenant_endpoint",
                               "`auth: none` would serve every tenant's rows to anyone",
                               "use `auth: required`, or a dataset without a tenant column");
  }
  const ParamDrafts params = read_params(fields);
  endpoint.combinations = read_combinations(fields, params);
  read_query(fields, dataset, params, draft);
  for (const ParamDraft& each : params.list()) endpoint.params.push_back(each.param);
  read_pagination(fields, endpoint);
  read_formats(fields, endpoint);
  if (!name) return;
  if (const auto first = define(defined, *name, fields.at("name"))) {
    fields.at("name").report("duplicate_endpoint",
                             "endpoint \"" + *name + "\" is already defined in " + *first,
                             "give one of them another name");
    return;
  }
  endpoint.name = *name;
  endpoints.emplace(*name, std::move(draft));
}

}  // namespace offloader::catalog
