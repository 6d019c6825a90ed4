#include "format_docs.h"

#include <fmt/format.h>

#include <utility>

#include "openapi_bodies.h"

namespace offloader::admin {
namespace {

using catalog::Format;

// Arrow and Parquet are binary, and the lines of the others are no one JSON document.
Json schema_of(Format format) {
  if (format == Format::arrow || format == Format::parquet) return Json::object();
  return {{"type", "string"}};
}

constexpr const char* kExportResponse =
    "A page of rows in JSON or, in another format, an export: sent while the rows are read, all of them from "
    "one snapshot, with chunked transfer coding. An export that fails midway ends without the last chunk and "
    "closes the connection, so that a client never takes it for a whole one. If the request has `TE: "
    "trailers`, a complete one ends with the trailers `Offloader-Status: complete`, `Offloader-Rows` and "
    "`Offloader-Has-More`.";

// Adds a header to the components of an OpenAPI document.
void add_header(Json& components, const char* name, const char* description, Json schema) {
  components["headers"][name] = {{"description", description}, {"schema", std::move(schema)}};
}

}  // namespace

const char* const kFormatDescription =
    "The format of the answer. Without it, `Accept` chooses. Errors are JSON in every format.";

Json format_names(const catalog::Endpoint& endpoint) {
  Json names = Json::array();
  for (const Format format : endpoint.formats) names.push_back(row_of(format).name);
  return names;
}

Json format_schema(const catalog::Endpoint& endpoint) {
  return {{"type", "string"}, {"enum", format_names(endpoint)}};
}

void add_format_docs(Json& entry, const catalog::Endpoint& endpoint) {
  if (endpoint.offers_formats()) entry["formats"] = format_names(endpoint);
  if (endpoint.exports) entry["export"] = {{"max_rows", endpoint.exports->max_rows}};
}

std::string limit_description(const catalog::Endpoint& endpoint) {
  if (!endpoint.exports) return "The most rows to return.";
  return fmt::format("The most rows to return: up to {} in JSON, and up to {} in the other formats.",
                     endpoint.max_limit, endpoint.exports->max_rows);
}

Json limit_schema(const catalog::Endpoint& endpoint) {
  return {{"type", "integer"},
          {"minimum", 1},
          {"maximum", endpoint.exports ? endpoint.exports->max_rows : endpoint.max_limit},
          {"default", endpoint.default_limit}};
}

void add_formats(Json& response, const catalog::Endpoint& endpoint) {
  if (!endpoint.offers_formats()) return;
  for (const Format format : endpoint.formats) {
    if (format != Format::json)
      response["content"][std::string(row_of(format).media_type)] = {{"schema", schema_of(format)}};
  }
  response["headers"]["content-disposition"] = ref("headers", "ContentDisposition");
  if (!endpoint.exports) return;
  response["headers"]["trailer"] = ref("headers", "Trailer");
  response["description"] = kExportResponse;
}

void add_fact_headers(Json& headers) {
  headers["offloader-snapshot"] = ref("headers", "Snapshot");
  headers["offloader-watermark"] = ref("headers", "Watermark");
  headers["offloader-stale"] = ref("headers", "Stale");
  headers["offloader-has-more"] = ref("headers", "HasMore");
}

void add_fact_components(Json& components) {
  const Json flag = {{"type", "string"}, {"enum", {"true", "false"}}};
  add_header(components, "Snapshot", "The id of the snapshot that the rows are from.", {{"type", "string"}});
  add_header(components, "Watermark", "Up to when the snapshot has data.", {{"type", "string"}});
  add_header(components, "Stale", "Whether the snapshot is older than the endpoint allows.", flag);
  add_header(components, "HasMore",
             "Whether there are more rows after this page. In exports it is a trailer.", flag);
  add_header(components, "Link",
             "The next page, as `<target>; rel=\"next\"`. Not sent on the last page, in exports, or if the "
             "target is too long for a URL: then send the params by POST.",
             {{"type", "string"}});
}

void add_format_headers(Json& components, const catalog::Endpoint& endpoint) {
  add_header(components, "ContentDisposition", "The name of a file for the answer. Not sent with JSON.",
             {{"type", "string"}});
  if (!endpoint.exports) return;
  add_header(components, "Trailer", "The names of the trailers. Sent only with exports.",
             {{"type", "string"}});
}

}  // namespace offloader::admin
