#include "endpoint_docs.h"

#include "choice_docs.h"
#include "cursor_docs.h"
#include "format_docs.h"
#include "param_docs.h"
#include "snippets.h"

namespace offloader::admin {
namespace {

using catalog::AuthMode;
using catalog::Endpoint;

constexpr const char* kSampleId = "0123456789abcdef01234567";

bool is_open(const serving::Generation& generation) {
  return generation.catalog->auth == AuthMode::none;
}

std::string path_of(const Endpoint& endpoint) {
  return "/v1/endpoints/" + endpoint.name;
}

// Returns the params that every endpoint has and those that this one turns on, in the shape of declared ones.
Json reserved_params(const Endpoint& endpoint, const catalog::Dataset& dataset, bool with_max) {
  Json limit = {{"name", "limit"},
                {"type", "integer"},
                {"required", false},
                {"enum", nullptr},
                {"default", endpoint.default_limit}};
  if (with_max) limit["max"] = endpoint.max_limit;
  limit["aliases"] = Json::object();
  if (endpoint.exports) limit["description"] = limit_description(endpoint);
  Json offset = {{"name", "offset"}, {"type", "integer"}, {"required", false},
                 {"enum", nullptr},  {"default", 0},      {"aliases", Json::object()}};
  if (with_max && endpoint.max_offset) offset["max"] = *endpoint.max_offset;
  Json names = Json::array();
  for (const catalog::Select& select : endpoint.select) names.push_back(describe(select, dataset).name);
  // The value of `columns` is a comma-separated list of these names.
  const Json columns = {{"name", "columns"}, {"type", "list"},     {"required", false},
                        {"enum", names},     {"default", nullptr}, {"aliases", Json::object()}};
  Json out = Json::array({limit, offset, columns});
  if (endpoint.pages_by_cursor()) {
    out.push_back({{"name", "cursor"},
                   {"type", "string"},
                   {"required", false},
                   {"enum", nullptr},
                   {"default", nullptr},
                   {"aliases", Json::object()},
                   {"description", cursor_description(endpoint)}});
  }
  if (endpoint.offers_formats()) {
    out.push_back({{"name", "format"},
                   {"type", "enum"},
                   {"required", false},
                   {"enum", format_names(endpoint)},
                   {"default", nullptr},
                   {"aliases", Json::object()},
                   {"description", kFormatDescription}});
  }
  for (Json& choice : choice_params(endpoint)) out.push_back(std::move(choice));
  return out;
}

// Returns the declared params followed by the reserved ones. `/schema` is compact and leaves `max` out.
Json params_of(const Endpoint& endpoint, const catalog::Dataset& dataset, bool with_max) {
  Json out = Json::array();
  for (const catalog::Param& param : endpoint.params) {
    Json one = {{"name", param.name}, {"type", catalog::name_of(param.type)}, {"required", param.required}};
    one["enum"] = param.enum_values.empty() ? Json(nullptr) : Json(param.enum_values);
    one["default"] = default_json(param);
    if (param.max && with_max) one["max"] = *param.max;
    one["aliases"] = param.aliases.empty() ? Json::object() : Json(param.aliases);
    add_details(one, param);
    out.push_back(std::move(one));
  }
  for (Json& reserved : reserved_params(endpoint, dataset, with_max)) out.push_back(std::move(reserved));
  return out;
}

// Returns a filter as `/schema` shows it. Filters of one `any` have the same number.
Json filter_json(const catalog::Filter& filter, const Endpoint& endpoint, const std::string& column) {
  Json one = {{"column", column}, {"op", catalog::name_of(filter.op)}};
  const bool list = catalog::row_of(filter.op).operand == catalog::Operand::list;
  if (filter.has_param()) {
    one["param"] = endpoint.params[filter.param].name;
  } else if (list) {
    one["values"] = filter.constants;
  } else {
    one["value"] = filter.constants.front();
  }
  if (filter.include_nulls) one["nulls"] = "include";
  if (filter.any != 0) one["any"] = filter.any;
  return one;
}

// Adds what a column's docs have only if the contract says it.
void add_details(Json& one, const ColumnDocs& column) {
  if (!column.description.empty()) one["description"] = column.description;
  if (column.as_text) one["encoding"] = "string";
}

Json errors_of(const Endpoint& endpoint, bool open) {
  Json out = Json::array();
  const auto add = [&](const char* family, int status, const char* when) {
    out.push_back({{"family", family}, {"status", status}, {"when", when}});
  };
  add("invalid_param", 422, "a param is unknown, repeated, missing, of the wrong type or out of bounds");
  if (!open) add("unauthorized", 401, "the API key is missing or not valid");
  add("rate_limited", 429, "a limit of the caller is reached: retry after Retry-After seconds");
  if (!open) add("not_found", 404, "no such endpoint, or the key has no access to it");
  if (endpoint.offers_formats()) add("not_acceptable", 406, "`Accept` names none of the endpoint's formats");
  if (endpoint.pages_by_cursor()) {
    const bool strict = endpoint.cursor == catalog::CursorPaging::strict;
    add("cursor_expired", 410,
        strict ? "the cursor is of an earlier version or snapshot: begin with the first page"
               : "the cursor is of an earlier version of the endpoint: begin with the first page");
  }
  add("not_ready", 503,
      "no snapshot yet, or the server is starting or busy: retry after Retry-After seconds");
  add("timeout", 504, "the query took too long");
  add("bad_request", 400, "the request is malformed, or too large (413, 414, 431)");
  add("method_not_allowed", 405, "the method is none of GET, HEAD and POST");
  add("unsupported_media_type", 415, "the body of a POST is not application/json");
  add("internal", 500, "an internal error: the server log has the cause, under the request id");
  return out;
}

Json auth_of(const serving::Generation& generation) {
  if (is_open(generation))
    return {{"mode", "none"}, {"scheme", nullptr}, {"note", "Public: no key is needed."}};
  if (generation.catalog->issuers.empty()) {
    return {
        {"mode", "required"},
        {"scheme", "bearer"},
        {"note",
         "Send `Authorization: Bearer {token}`. A key gives access to the endpoints granted to it, and only "
         "to the rows of its tenant."}};
  }
  return {{"mode", "required"},
          {"scheme", "bearer"},
          {"note",
           "Send `Authorization: Bearer {token}`. The token is an API key, or a JWT of an issuer that this "
           "server "
           "accepts. It gives access to the endpoints granted to it, and only to the rows of its tenant."}};
}

}  // namespace

Json example_answer(const Endpoint& endpoint, const catalog::Dataset& dataset) {
  Json row = Json::object();
  for (std::size_t i = 0; i < endpoint.select.size(); ++i) {
    if (!is_standard_column(endpoint, i)) continue;
    ColumnDocs column = describe(endpoint.select[i], dataset);
    row[column.name] = std::move(column.example);
  }
  const Json window = endpoint.max_staleness_minutes ? Json(*endpoint.max_staleness_minutes) : Json(nullptr);
  Json meta = {{"request_id", kSampleId},
               {"endpoint", endpoint.name},
               {"version", endpoint.version},
               {"snapshot_id", "snapshot-1"},
               {"generated_at", "2026-01-31T12:00:00Z"},
               {"row_count", 1},
               {"has_more", false}};
  if (endpoint.pages_by_cursor()) meta["next_cursor"] = nullptr;
  meta["serving_mode"] = catalog::name_of(endpoint.serving_mode);
  meta["cache"] = endpoint.cache == catalog::CachePolicy::none ? "off" : "miss";
  meta["freshness"] = {{"watermark", "2026-01-31T11:59:00Z"},
                       {"age_seconds", 60},
                       {"max_staleness_minutes", window},
                       {"stale", false}};
  return {{"data", Json::array({row})}, {"meta", std::move(meta)}};
}

Json docs_json(const serving::Generation& generation, const std::string& api_url) {
  const bool open = is_open(generation);
  Json endpoints = Json::array();
  for (const auto& [name, served] : generation.endpoints) {
    const Endpoint& endpoint = *served.contract;
    Json columns = Json::array();
    for (const catalog::Select& select : endpoint.select) {
      const ColumnDocs column = describe(select, *served.dataset, fills_with_nulls(endpoint));
      columns.push_back({{"name", column.name},
                         {"type", column.type},
                         {"nested", column.nested},
                         {"nullable", column.nullable}});
      add_details(columns.back(), column);
    }
    endpoints.push_back(
        {{"name", endpoint.name},
         {"version", endpoint.version},
         {"owner", endpoint.owner},
         {"description", endpoint.description},
         {"method", "GET"},
         {"path", path_of(endpoint)},
         {"auth", open                     ? "none"
                  : endpoint.tenant_scoped ? "bearer, tenant-scoped"
                                           : "bearer"},
         {"params", params_of(endpoint, *served.dataset, true)},
         {"combinations", combinations_json(endpoint)},
         {"pagination", pagination_docs(endpoint)},
         {"response", {{"columns", columns}, {"example", example_answer(endpoint, *served.dataset)}}},
         {"freshness_minutes",
          endpoint.max_staleness_minutes ? Json(*endpoint.max_staleness_minutes) : Json(nullptr)},
         {"errors", errors_of(endpoint, open)},
         {"snippets", snippets_of(endpoint, *served.dataset, open, api_url)}});
    add_format_docs(endpoints.back(), endpoint);
  }
  return {{"service", "offloader"},
          {"config_version", generation.catalog->config_version},
          {"auth", auth_of(generation)},
          {"routes",
           {{{"method", "POST"},
             {"path", "/v1/endpoints/{name}"},
             {"description", "An endpoint, with its params in a JSON object instead of the query string."}},
            {{"method", "POST"},
             {"path", "/v1/batch"},
             {"description",
              "Several requests at once, all answered from the same snapshots: "
              "`{\"requests\": [{\"id\", \"endpoint\", \"params\"}]}`."}},
            {{"method", "GET"}, {"path", "/v1"}, {"description", "The endpoints that the key may call."}}}},
          {"endpoints", std::move(endpoints)}};
}

Json schema_json(const serving::Generation& generation) {
  const bool open = is_open(generation);
  Json endpoints = Json::array();
  for (const auto& [name, served] : generation.endpoints) {
    const Endpoint& endpoint = *served.contract;
    Json filters = Json::array();
    for (const catalog::Filter& filter : endpoint.filters)
      filters.push_back(filter_json(filter, endpoint, served.dataset->schema[filter.column].name));
    Json columns = Json::array();
    for (const catalog::Select& select : endpoint.select) {
      const ColumnDocs column = describe(select, *served.dataset);
      columns.push_back({{"name", column.name}, {"type", column.type}, {"nested", column.nested}});
      add_details(columns.back(), column);
    }
    endpoints.push_back({{"name", endpoint.name},
                         {"version", endpoint.version},
                         {"method", "GET"},
                         {"path", path_of(endpoint)},
                         {"description", endpoint.description},
                         {"public", open},
                         {"tenant_scoped", endpoint.tenant_scoped},
                         {"params", params_of(endpoint, *served.dataset, false)},
                         {"combinations", combinations_json(endpoint)},
                         {"filters", std::move(filters)},
                         {"response_columns", std::move(columns)},
                         {"column_selection", true},
                         {"pagination", pagination_docs(endpoint)}});
    add_format_docs(endpoints.back(), endpoint);
    for (const catalog::Filter& filter : endpoint.having) {
      endpoints.back()["having"].push_back(filter_json(filter, endpoint, endpoint.select[filter.column].as));
    }
  }
  return {{"service", "offloader"},
          {"config_version", generation.catalog->config_version},
          {"auth", auth_of(generation)},
          {"count", endpoints.size()},
          {"endpoints", std::move(endpoints)}};
}

}  // namespace offloader::admin
