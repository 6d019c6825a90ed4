#include "openapi.h"

#include "choice_docs.h"
#include "cursor_docs.h"
#include "endpoint_docs.h"
#include "format_docs.h"
#include "openapi_bodies.h"
#include "param_docs.h"

namespace offloader::admin {
namespace {

using catalog::Endpoint;

Json header_of(const char* description, Json schema) {
  return {{"description", description}, {"schema", std::move(schema)}};
}

Json meta_schema() {
  const Json text = {{"type", "string"}};
  const Json count = {{"type", "integer"}, {"minimum", 0}};
  return {{"type", "object"},
          {"additionalProperties", false},
          {"required",
           {"request_id", "endpoint", "version", "snapshot_id", "generated_at", "row_count", "has_more",
            "serving_mode", "cache", "freshness"}},
          {"properties",
           {{"request_id", text},
            {"endpoint", text},
            {"version", {{"type", "integer"}, {"minimum", 1}}},
            {"snapshot_id", text},
            {"generated_at", {{"type", "string"}, {"format", "date-time"}}},
            {"row_count", count},
            {"has_more", {{"type", "boolean"}}},
            {"serving_mode", {{"type", "string"}, {"enum", {"local_table", "remote_scan"}}}},
            {"cache", {{"type", "string"}, {"enum", {"hit", "miss", "off"}}}},
            {"freshness", ref("schemas", "Freshness")}}}};
}

// Whether the `meta` of an endpoint has members that others do not have.
bool has_own_meta(const Endpoint& endpoint) {
  return endpoint.totals.any() || endpoint.pages_by_cursor();
}

std::string meta_name(const Endpoint& endpoint) {
  return has_own_meta(endpoint) ? "Meta_" + endpoint.name : "Meta";
}

Json own_meta_schema(const Endpoint& endpoint, const catalog::Dataset& dataset) {
  Json meta = meta_schema();
  if (endpoint.pages_by_cursor()) add_cursor_meta(meta);
  add_totals(meta["properties"], endpoint, dataset);
  return meta;
}

Json freshness_schema() {
  return {{"type", "object"},
          {"additionalProperties", false},
          {"required", {"watermark", "age_seconds", "max_staleness_minutes", "stale"}},
          {"properties",
           {{"watermark", {{"type", "string"}}},
            {"age_seconds", {{"type", "integer"}, {"minimum", 0}}},
            {"max_staleness_minutes", {{"type", Json::array({"integer", "null"})}}},
            {"stale", {{"type", "boolean"}}}}}};
}

Json error_response(const char* description, const char* family, const char* message,
                    Json more_headers = Json::object()) {
  Json headers = {{"x-request-id", ref("headers", "RequestId")},
                  {"cache-control", ref("headers", "CacheControl")},
                  {"x-content-type-options", ref("headers", "ContentTypeOptions")}};
  add_limit_headers(headers);
  headers.update(more_headers);
  return {{"description", description},
          {"headers", std::move(headers)},
          {"content",
           {{"application/json",
             {{"schema", ref("schemas", "Error")},
              {"example",
               {{"error", {{"family", family}, {"message", message}}},
                {"meta", {{"request_id", "0123456789abcdef01234567"}}}}}}}}}};
}

Json components(const catalog::Catalog& catalog) {
  const bool open = catalog.auth == catalog::AuthMode::none;
  Json out;
  out["schemas"] = {{"Meta", meta_schema()}, {"Freshness", freshness_schema()}, {"Error", error_schema()}};
  out["headers"] = {
      {"RequestId",
       header_of("The id of the request, also in `meta` and in the server's log.", {{"type", "string"}})},
      {"ETag",
       header_of("Weak. Changes when the rows may have changed, when the snapshot's id or watermark changes, "
                 "and when the answer becomes stale.",
                 {{"type", "string"}})},
      {"CacheControl",
       header_of("`public` with a max-age of the freshness that is left if no key is required, otherwise "
                 "`private, no-store`. Answers to a POST and errors have `no-store`.",
                 {{"type", "string"}})},
      {"Vary",
       header_of("The request headers that the answer depends on: `Accept` is among them if the endpoint "
                 "has several formats.",
                 {{"type", "string"}})},
      {"ContentEncoding",
       header_of("`gzip` or `zstd`, if the caller accepts it and the body is larger than 1 KiB or an export. "
                 "Never with Arrow and Parquet.",
                 {{"type", "string"}, {"enum", {"gzip", "zstd"}}})},
      {"ContentTypeOptions", header_of("Always `nosniff`.", {{"type", "string"}, {"const", "nosniff"}})},
      {"RetryAfter", header_of("Seconds to wait before a retry: of a 503, 1 if the server is busy, otherwise "
                               "5; of a 429, until the limit allows the next request.",
                               {{"type", "integer"}})}};
  add_limit_components(out["headers"]);
  out["parameters"] = {
      {"IfNoneMatch",
       {{"name", "If-None-Match"},
        {"in", "header"},
        {"required", false},
        {"description",
         "ETags of answers that the caller has kept. If one of them is still current, the answer is 304, "
         "without a body and without a query."},
        {"schema", {{"type", "string"}}}}},
      {"RequestId",
       {{"name", "X-Request-Id"},
        {"in", "header"},
        {"required", false},
        {"description",
         open ? "Ignored: answers may be shared by several callers, so the server makes the id."
              : "Kept if it is 1 to 200 characters of `A-Z a-z 0-9 _ . -`; otherwise the server makes one."},
        {"schema", {{"type", "string"}}}}}};
  const Json retry = {{"retry-after", ref("headers", "RetryAfter")}};
  out["responses"] = {
      {"NotModified",
       {{"description",
         "The answer with this ETag is still current: its rows, its snapshot and whether it is stale have "
         "not "
         "changed."},
        {"headers",
         {{"etag", ref("headers", "ETag")},
          {"cache-control", ref("headers", "CacheControl")},
          {"vary", ref("headers", "Vary")},
          {"ratelimit-policy", ref("headers", "RateLimitPolicy")},
          {"ratelimit", ref("headers", "RateLimit")},
          {"x-content-type-options", ref("headers", "ContentTypeOptions")},
          {"x-request-id", ref("headers", "RequestId")}}}}},
      {"InvalidParam",
       error_response("A param is unknown, repeated, missing, of the wrong type or out of bounds. The error "
                      "lists every problem.",
                      "invalid_param", "param `limit` must be a positive integer")},
      {"NotFound", error_response("There is no such endpoint, or the key has no access to it.", "not_found",
                                  "no such endpoint")},
      {"RateLimited", error_response("A limit of the caller is reached. The message says which.",
                                     "rate_limited", "too many requests: the rate limit is reached", retry)},
      {"NotReady", error_response("The dataset has no snapshot yet, or the server is starting or busy.",
                                  "not_ready", "the dataset has no snapshot yet", retry)},
      {"Timeout", error_response("The query took too long.", "timeout", "the query took too long")},
      {"BadRequest", error_response("The request is malformed, or too large (413, 414 or 431).",
                                    "bad_request", "the request line is malformed")},
      {"MethodNotAllowed",
       error_response("The path does not have this method.", "method_not_allowed", "use GET, HEAD or POST",
                      {{"allow", header_of("The allowed methods.", {{"type", "string"}})}})},
      {"UnsupportedMediaType",
       error_response("The body is not application/json, or has a content encoding.",
                      "unsupported_media_type", "send the params as application/json")},
      {"Internal", error_response("An internal error. The server log has the cause, under the request id.",
                                  "internal", "internal error")}};
  if (!open) {
    out["responses"]["Unauthorized"] =
        error_response("The API key is missing or not valid.", "unauthorized", "a valid API key is required",
                       {{"www-authenticate", header_of("Always `Bearer`.", {{"type", "string"}})}});
    out["securitySchemes"] = {{"key", bearer_scheme(catalog)}};
  }
  Json& invalid = out["responses"]["InvalidParam"]["content"]["application/json"]["example"]["error"];
  invalid["param"] = "limit";
  invalid["allowed"] = {">= 1", "<= 100"};
  return out;
}

// What only endpoints that page by cursor refer to.
void add_cursor_components(Json& components) {
  components["responses"]["CursorExpired"] = error_response(
      "The cursor is of an earlier version of the endpoint or, if the endpoint is strict, of a "
      "snapshot that is gone. Begin again with the first page.",
      "cursor_expired", "the cursor has expired: begin again with the first page");
}

// What only endpoints that offer formats refer to.
void add_format_components(Json& components, const Endpoint& endpoint) {
  add_format_headers(components, endpoint);
  components["responses"]["NotAcceptable"] = error_response(
      "`Accept` names none of the endpoint's formats.", "not_acceptable",
      "the endpoint has none of the formats of Accept: ask for one of application/json, text/csv");
}

Json parameters_of(const Endpoint& endpoint, const catalog::Dataset& dataset) {
  Json out = Json::array();
  for (std::size_t i = 0; i < endpoint.params.size(); ++i) out.push_back(openapi_param(endpoint, dataset, i));
  const auto reserved = [&](const char* name, const std::string& description, Json schema) {
    out.push_back({{"name", name},
                   {"in", "query"},
                   {"required", false},
                   {"description", description},
                   {"schema", std::move(schema)}});
  };
  reserved("limit", limit_description(endpoint), limit_schema(endpoint));
  reserved("offset", "The number of rows to skip.", offset_schema(endpoint));
  if (endpoint.pages_by_cursor()) reserved("cursor", cursor_description(endpoint), cursor_schema());
  if (endpoint.offers_formats()) reserved("format", kFormatDescription, format_schema(endpoint));
  const auto list = [&](const std::string& name, const std::string& description, Json schema) {
    out.push_back({{"name", name},
                   {"in", "query"},
                   {"required", false},
                   {"description", description},
                   {"style", "form"},
                   {"explode", false},
                   {"schema", std::move(schema)}});
  };
  Json columns = Json::array();
  for (const catalog::Select& select : endpoint.select) columns.push_back(describe(select, dataset).name);
  list("columns", "The columns to return, comma-separated. By default, all columns.",
       {{"type", "array"},
        {"minItems", 1},
        {"uniqueItems", true},
        {"items", {{"type", "string"}, {"enum", columns}}}});
  for (ChoiceSchema& choice : choice_schemas(endpoint))
    list(choice.name, choice.description, std::move(choice.schema));
  out.push_back(ref("parameters", "IfNoneMatch"));
  out.push_back(ref("parameters", "RequestId"));
  return out;
}

Json row_schema(const Endpoint& endpoint, const catalog::Dataset& dataset) {
  Json properties = Json::object();
  for (const catalog::Select& select : endpoint.select) {
    ColumnDocs column = describe(select, dataset, fills_with_nulls(endpoint));
    properties[column.name] = std::move(column.schema);
  }
  // No column is required, because the `columns` param can leave it out.
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
}

enum class Method { get, post };

Json operation_of(const Endpoint& endpoint, const catalog::Dataset& dataset, bool open, Method method) {
  std::string description = endpoint.description;
  if (!endpoint.combinations.empty()) {
    description += description.empty() ? "" : "\n\n";
    description += "Allowed combinations of params:";
    for (const auto& combination : endpoint.combinations) {
      description += "\n- ";
      if (combination.empty()) description += "none";
      const char* between = "";
      for (const std::size_t i : combination) {
        description += between + ("`" + endpoint.params[i].name + "`");
        between = ", ";
      }
    }
  }
  Json responses;
  responses["200"] = {
      {"description", "A page of rows."},
      {"headers",
       {{"etag", ref("headers", "ETag")},
        {"cache-control", ref("headers", "CacheControl")},
        {"vary", ref("headers", "Vary")},
        {"content-encoding", ref("headers", "ContentEncoding")},
        {"x-content-type-options", ref("headers", "ContentTypeOptions")},
        {"x-request-id", ref("headers", "RequestId")}}},
      {"content",
       {{"application/json",
         {{"schema",
           {{"type", "object"},
            {"additionalProperties", false},
            {"required", {"data", "meta"}},
            {"properties",
             {{"data", {{"type", "array"}, {"items", ref("schemas", "Row_" + endpoint.name)}}},
              {"meta", ref("schemas", meta_name(endpoint))}}}}},
          {"example", example_answer(endpoint, dataset)}}}}}};
  add_fact_headers(responses["200"]["headers"]);
  add_limit_headers(responses["200"]["headers"]);
  if (method == Method::get) responses["200"]["headers"]["link"] = ref("headers", "Link");
  add_formats(responses["200"], endpoint);
  if (method == Method::get) responses["304"] = ref("responses", "NotModified");
  responses["400"] = ref("responses", "BadRequest");
  if (!open) responses["401"] = ref("responses", "Unauthorized");
  responses["404"] = ref("responses", "NotFound");
  responses["405"] = ref("responses", "MethodNotAllowed");
  if (endpoint.offers_formats()) responses["406"] = ref("responses", "NotAcceptable");
  if (endpoint.pages_by_cursor()) responses["410"] = ref("responses", "CursorExpired");
  if (method == Method::post) responses["415"] = ref("responses", "UnsupportedMediaType");
  responses["422"] = ref("responses", "InvalidParam");
  responses["429"] = ref("responses", "RateLimited");
  responses["500"] = ref("responses", "Internal");
  responses["503"] = ref("responses", "NotReady");
  responses["504"] = ref("responses", "Timeout");
  const std::string version = endpoint.name + ", version " + std::to_string(endpoint.version);
  // Names of endpoints have no capitals, so no two operations have one id.
  Json operation = {{"operationId", method == Method::get ? endpoint.name : endpoint.name + "ByPost"},
                    {"summary", method == Method::get ? version : version + ", with the params in the body"},
                    {"description", description.empty() ? "Rows of " + endpoint.name + "." : description},
                    {"tags", Json::array({"endpoints"})}};
  if (method == Method::get) {
    operation["parameters"] = parameters_of(endpoint, dataset);
  } else {
    operation["parameters"] = Json::array({ref("parameters", "RequestId")});
    operation["requestBody"] = params_body(endpoint, dataset);
  }
  operation["responses"] = std::move(responses);
  if (!endpoint.combinations.empty()) operation["x-param-combinations"] = combinations_json(endpoint);
  operation["security"] = security_of(open);
  return operation;
}

}  // namespace

Json openapi_json(const serving::Generation& generation, const std::string& api_url) {
  const bool open = generation.catalog->auth == catalog::AuthMode::none;
  Json all = components(*generation.catalog);
  add_fact_components(all);
  Json paths = Json::object();
  for (const auto& [name, served] : generation.endpoints) {
    all["schemas"]["Row_" + name] = row_schema(*served.contract, *served.dataset);
    if (has_own_meta(*served.contract))
      all["schemas"][meta_name(*served.contract)] = own_meta_schema(*served.contract, *served.dataset);
    if (served.contract->pages_by_cursor()) add_cursor_components(all);
    if (served.contract->offers_formats()) add_format_components(all, *served.contract);
    Json& path = paths["/v1/endpoints/" + name];
    path["get"] = operation_of(*served.contract, *served.dataset, open, Method::get);
    path["post"] = operation_of(*served.contract, *served.dataset, open, Method::post);
  }
  paths["/v1"]["get"] = list_operation(open);
  paths["/v1/batch"]["post"] = batch_operation(open);
  return {
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Offloader"},
        {"version", generation.catalog->config_version.empty() ? "0" : generation.catalog->config_version},
        {"description",
         "Endpoints that serve snapshots of data. Every answer names its snapshot and says how fresh it is."},
        {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
      {"servers", Json::array({Json{{"url", api_url},
                                    {"description",
                                     "The API port on the server's own machine. Callers use the host name "
                                     "that its operator gave it."}}})},
      {"tags", Json::array({Json{{"name", "endpoints"}, {"description", "The endpoints of the project."}}})},
      {"paths", std::move(paths)},
      {"components", std::move(all)}};
}

}  // namespace offloader::admin
