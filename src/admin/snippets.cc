#include "snippets.h"

#include <fmt/format.h>

#include "choice_docs.h"
#include "format_snippets.h"
#include "offloader/base/ascii.h"
#include "param_docs.h"

namespace offloader::admin {
namespace {

std::string curl(const std::string& url, bool open) {
  return fmt::format("curl -sS --fail-with-body{} \\\n  \"{}\"",
                     open ? "" : " \\\n  -H \"Authorization: Bearer $OFFLOADER_KEY\"", url);
}

std::string typescript_type(const ColumnDocs& column) {
  if (column.nested) return "unknown";
  const Json& type = column.schema["type"];
  const std::string json_type = type.is_array() ? type[0].get<std::string>() : type.get<std::string>();
  const std::string name = json_type == "integer" ? "number" : json_type;
  return column.nullable ? name + " | null" : name;
}

std::string typescript(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset,
                       const std::string& url, bool open) {
  std::string row;
  for (std::size_t i = 0; i < endpoint.select.size(); ++i) {
    if (!is_standard_column(endpoint, i)) continue;
    const ColumnDocs column = describe(endpoint.select[i], dataset, fills_with_nulls(endpoint));
    const bool digit = ascii::is_digit(column.name[0]);  // not a TypeScript identifier: quote it
    row += fmt::format("  {0}{1}{0}: {2};\n", digit ? "\"" : "", column.name, typescript_type(column));
  }
  const std::string options =
      open ? "" : ", {\n  headers: { Authorization: `Bearer ${process.env.OFFLOADER_KEY}` },\n}";
  return fmt::format(
      "type Row = {{\n{}}};\n"
      "type Answer = {{ data: Row[]; meta: {{ has_more: boolean; freshness: {{ watermark: string; stale: "
      "boolean }} "
      "}} }};\n\n"
      "const response = await fetch(\"{}\"{});\n"
      "if (!response.ok) throw new Error(`status ${{response.status}}: ${{await response.text()}}`);\n"
      "const {{ data, meta }} = (await response.json()) as Answer;\n"
      "console.log(data, meta.freshness);\n",
      row, url, options);
}

std::string python(const std::string& url, bool open) {
  return fmt::format(
      "import json\n{}import urllib.request\n\n"
      "request = urllib.request.Request(\n    \"{}\",\n{})\n"
      "with urllib.request.urlopen(request) as response:\n"
      "    answer = json.load(response)\n"
      "print(answer[\"data\"], answer[\"meta\"][\"freshness\"])\n",
      open ? "" : "import os\n", url,
      open ? "" : "    headers={\"Authorization\": \"Bearer \" + os.environ[\"OFFLOADER_KEY\"]},\n");
}

}  // namespace

Json snippets_of(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset, bool open,
                 const std::string& api_url) {
  const std::string url = api_url + "/v1/endpoints/" + endpoint.name + example_query(endpoint, dataset);
  Json out = {{"curl", curl(url, open)},
              {"typescript", typescript(endpoint, dataset, url, open)},
              {"python", python(url, open)}};
  add_format_snippets(out, endpoint, open, url);
  return out;
}

}  // namespace offloader::admin
