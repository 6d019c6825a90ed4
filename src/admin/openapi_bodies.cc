#include "openapi_bodies.h"

#include <utility>

#include "choice_docs.h"
#include "cursor_docs.h"
#include "format_docs.h"
#include "param_docs.h"

namespace offloader::admin {
namespace {

using catalog::Endpoint;

Json object_of(Json required, Json properties) {
  return {{"type", "object"},
          {"additionalProperties", false},
          {"required", std::move(required)},
          {"properties", std::move(properties)}};
}

Json text_schema(const char* description) {
  return {{"type", "string"}, {"description", description}};
}

Json id_schema() {
  return object_of({"request_id"}, {{"request_id", {{"type", "string"}}}});
}

Json json_content(Json schema) {
  return {{"application/json", {{"schema", std::move(schema)}}}};
}

Json compressible_headers() {
  Json out = {{"cache-control", ref("headers", "CacheControl")},
              {"vary", ref("headers", "Vary")},
              {"content-encoding", ref("headers", "ContentEncoding")},
              {"x-content-type-options", ref("headers", "ContentTypeOptions")},
              {"x-request-id", ref("headers", "RequestId")}};
  add_limit_headers(out);
  return out;
}

}  // namespace

Json ref(const std::string& kind, const std::string& name) {
  return {{"$ref", "#/components/" + kind + "/" + name}};
}

Json bearer_scheme(const catalog::Catalog& catalog) {
  Json scheme = {{"type", "http"}, {"scheme", "bearer"}};
  if (catalog.issuers.empty()) {
    scheme["description"] = "An API key of this server.";
  } else if (catalog.keys.empty()) {
    scheme["bearerFormat"] = "JWT";
    scheme["description"] = "A JWT of an issuer that this server accepts.";
  } else {
    scheme["description"] = "An API key of this server, or a JWT of an issuer that it accepts.";
  }
  return scheme;
}

void add_limit_headers(Json& headers) {
  headers["ratelimit-policy"] = ref("headers", "RateLimitPolicy");
  headers["ratelimit"] = ref("headers", "RateLimit");
}

void add_limit_components(Json& headers) {
  headers["RateLimitPolicy"] = {{"description",
                                 "The limits of the caller, if there are any: a list of items such as "
                                 "`\"rate\";q=100;w=1`, which allows 100 "
                                 "requests in a second."},
                                {"schema", {{"type", "string"}}}};
  headers["RateLimit"] = {{"description",
                           "Where the limits stand, an item for each: `r` is left, and in `t` seconds the "
                           "allowance is whole again, as "
                           "in `\"rate\";r=42;t=1`."},
                          {"schema", {{"type", "string"}}}};
}

Json security_of(bool open) {
  return open ? Json::array() : Json::array({Json{{"key", Json::array()}}});
}

Json error_schema() {
  const Json allowed = {
      {"type", "array"},
      {"maxItems", 50},
      {"description", "What the contract allows: values, names, or bounds such as `<= 100`."},
      {"items", {{"type", "string"}}}};
  const Json param = text_schema("The name of the param that the problem is about.");
  const Json problem =
      object_of({"message"}, {{"param", param}, {"message", {{"type", "string"}}}, {"allowed", allowed}});
  const Json error =
      object_of({"family", "message"},
                {{"family",
                  {{"type", "string"},
                   {"enum",
                    {"invalid_param", "unauthorized", "rate_limited", "not_found", "not_ready", "timeout",
                     "bad_request", "method_not_allowed", "not_acceptable", "cursor_expired",
                     "unsupported_media_type", "internal"}}}},
                 {"message", {{"type", "string"}}},
                 {"param", param},
                 {"allowed", allowed},
                 {"problems",
                  {{"type", "array"},
                   {"minItems", 2},
                   {"maxItems", 50},
                   {"description",
                    "Everything that is wrong with the params, if it is more than one thing. The first "
                    "is the one that `message`, `param` and `allowed` are of."},
                   {"items", problem}}}});
  return object_of({"error", "meta"}, {{"error", error}, {"meta", id_schema()}});
}

Json params_body(const Endpoint& endpoint, const catalog::Dataset& dataset) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const catalog::Param& param : endpoint.params) {
    properties[param.name] = param_schema(param);
    if (param.required) required.push_back(param.name);
  }
  properties["limit"] = limit_schema(endpoint);
  if (endpoint.exports) properties["limit"]["description"] = limit_description(endpoint);
  properties["offset"] = offset_schema(endpoint);
  if (endpoint.pages_by_cursor()) {
    properties["cursor"] = cursor_schema();
    properties["cursor"]["description"] = cursor_description(endpoint);
  }
  if (endpoint.offers_formats()) {
    properties["format"] = format_schema(endpoint);
    properties["format"]["description"] = kFormatDescription;
  }
  Json columns = Json::array();
  for (const catalog::Select& select : endpoint.select) columns.push_back(describe(select, dataset).name);
  properties["columns"] = {{"type", "array"},
                           {"minItems", 1},
                           {"uniqueItems", true},
                           {"items", {{"type", "string"}, {"enum", columns}}}};
  for (ChoiceSchema& choice : choice_schemas(endpoint)) {
    choice.schema["description"] = choice.description;
    properties[choice.name] = std::move(choice.schema);
  }
  Json example = Json::object();
  for (const std::size_t i : example_params(endpoint)) {
    const std::string value = example_value(endpoint, dataset, i);
    example[endpoint.params[i].name] = endpoint.params[i].type == catalog::ParamType::integer
                                           ? Json(std::strtoll(value.c_str(), nullptr, 10))
                                           : Json(value);
  }
  Json content = json_content(object_of(std::move(required), std::move(properties)));
  content["application/json"]["example"] = std::move(example);
  return {{"required", true},
          {"description", "The params, at most 64 KiB. A member that is null counts as not sent."},
          {"content", std::move(content)}};
}

Json batch_operation(bool open) {
  const Json id = text_schema("Any text of the caller's, to find the result by.");
  Json request = object_of(
      {"endpoint"},
      {{"id", id},
       {"endpoint", text_schema("The name of the endpoint.")},
       {"params",
        {{"type", "object"},
         {"description", "The params, as in a POST to the endpoint; answers in a batch are JSON."}}}});
  request["properties"]["id"]["maxLength"] = 100;
  const Json result = object_of(
      {"id", "status", "body"},
      {{"id", {{"type", Json::array({"string", "null"})}}},
       {"status", {{"type", "integer"}, {"minimum", 200}, {"maximum", 599}}},
       {"body", {{"type", "object"}, {"description", "What the request alone would have been answered."}}}});
  Json responses;
  responses["200"] = {{"description", "A result for each request, in the order of the requests."},
                      {"headers", compressible_headers()},
                      {"content", json_content(object_of({"results", "meta"},
                                                         {{"results", {{"type", "array"}, {"items", result}}},
                                                          {"meta", id_schema()}}))}};
  responses["400"] = ref("responses", "BadRequest");
  if (!open) responses["401"] = ref("responses", "Unauthorized");
  responses["405"] = ref("responses", "MethodNotAllowed");
  responses["415"] = ref("responses", "UnsupportedMediaType");
  responses["422"] = ref("responses", "InvalidParam");
  responses["500"] = ref("responses", "Internal");
  responses["503"] = ref("responses", "NotReady");
  return {
      {"operationId", "answerBatch"},
      {"summary", "Several requests at once"},
      {"description",
       "Answers several requests from one moment: a page made of them never mixes snapshots or contracts. "
       "One that fails has its own status and does not affect the others. The server limits the number of "
       "requests (by default 20)."},
      {"tags", Json::array({"endpoints"})},
      {"parameters", Json::array({ref("parameters", "RequestId")})},
      {"requestBody",
       {{"required", true},
        {"content", json_content(object_of(
                        {"requests"}, {{"requests", {{"type", "array"}, {"items", std::move(request)}}}}))}}},
      {"responses", std::move(responses)},
      {"security", security_of(open)}};
}

Json list_operation(bool open) {
  const Json entry = object_of({"name", "version", "description", "path"},
                               {{"name", {{"type", "string"}}},
                                {"version", {{"type", "integer"}, {"minimum", 1}}},
                                {"description", {{"type", "string"}}},
                                {"path", {{"type", "string"}}}});
  Json headers = compressible_headers();
  headers["etag"] = ref("headers", "ETag");
  Json responses;
  responses["200"] = {
      {"description", "The endpoints that the caller may call, sorted by name."},
      {"headers", std::move(headers)},
      {"content", json_content(object_of({"data", "meta"}, {{"data", {{"type", "array"}, {"items", entry}}},
                                                            {"meta", id_schema()}}))}};
  responses["304"] = ref("responses", "NotModified");
  responses["400"] = ref("responses", "BadRequest");
  if (!open) responses["401"] = ref("responses", "Unauthorized");
  responses["405"] = ref("responses", "MethodNotAllowed");
  responses["429"] = ref("responses", "RateLimited");
  responses["500"] = ref("responses", "Internal");
  responses["503"] = ref("responses", "NotReady");
  return {{"operationId", "listEndpoints"},
          {"summary", "The endpoints"},
          {"description", "Lists the endpoints that the caller may call."},
          {"tags", Json::array({"endpoints"})},
          {"parameters", Json::array({ref("parameters", "IfNoneMatch"), ref("parameters", "RequestId")})},
          {"responses", std::move(responses)},
          {"security", security_of(open)}};
}

}  // namespace offloader::admin
