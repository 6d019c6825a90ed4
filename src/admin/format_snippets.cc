#include "format_snippets.h"

#include <fmt/format.h>

#include <initializer_list>
#include <optional>

#include "offloader/base/html_text.h"

namespace offloader::admin {
namespace {

using catalog::Endpoint;
using catalog::Format;

// Returns the first of the formats that the endpoint offers.
std::optional<Format> first_of(const Endpoint& endpoint, std::initializer_list<Format> formats) {
  for (const Format format : formats) {
    if (endpoint.offers(format)) return format;
  }
  return std::nullopt;
}

std::string url_of(const Endpoint& endpoint, const std::string& url, Format format) {
  std::string out =
      fmt::format("{}{}format={}", url, url.find('?') == std::string::npos ? '?' : '&', row_of(format).name);
  if (endpoint.exports) out += fmt::format("&limit={}", endpoint.exports->max_rows);
  return out;
}

std::string file_of(const Endpoint& endpoint, Format format) {
  return fmt::format("{}.{}", endpoint.name, row_of(format).extension);
}

std::string pandas(const std::string& url, bool open, Format format) {
  return fmt::format(
      "{}import pandas\n\n"
      "rows = pandas.read_{}(\n    \"{}\",\n{})\n"
      "print(rows)\n",
      open ? "" : "import os\n", row_of(format).name, url,
      open ? "" : "    storage_options={\"Authorization\": \"Bearer \" + os.environ[\"OFFLOADER_KEY\"]},\n");
}

// Reads the whole answer first, so that one that breaks off is an error.
std::string polars(const std::string& url, bool open, Format format) {
  return fmt::format(
      "{}import urllib.request\n\nimport polars\n\n"
      "request = urllib.request.Request(\n    \"{}\",\n{})\n"
      "with urllib.request.urlopen(request) as response:\n"
      "    rows = polars.{}(response.read())\n"
      "print(rows)\n",
      open ? "" : "import os\n", url,
      open ? "" : "    headers={\"Authorization\": \"Bearer \" + os.environ[\"OFFLOADER_KEY\"]},\n",
      format == Format::arrow ? "read_ipc_stream" : "read_csv");
}

// DuckDB may read a URL more than once, so it gets a file.
std::string duckdb(const std::string& url, bool open, Format format, const std::string& file) {
  const std::string read = format == Format::parquet ? "'" + file + "'" : "read_csv('" + file + "')";
  return fmt::format(
      "curl -sS --fail{}{} \\\n  -o {} \\\n  \"{}\" &&\n"
      "duckdb -c \"FROM {}\"\n",
      format == Format::parquet ? "" : " --compressed",
      open ? "" : " \\\n  -H \"Authorization: Bearer $OFFLOADER_KEY\"", file, url, read);
}

std::string browser(const std::string& url, bool open, const std::string& file) {
  if (open) return fmt::format("<a href=\"{}\" download>{}</a>\n", escape_html(url), file);
  return fmt::format(
      "// A key in a URL ends up in logs and histories, so send it in a header. OFFLOADER_CORS_ORIGINS must\n"
      "// list the origin of the page.\n"
      "async function download(key) {{\n"
      "  const response = await fetch(\"{}\", {{\n"
      "    headers: {{ Authorization: `Bearer ${{key}}` }},\n"
      "  }});\n"
      "  if (!response.ok) throw new Error(`status ${{response.status}}: ${{await response.text()}}`);\n"
      "  const link = document.createElement(\"a\");\n"
      "  link.href = URL.createObjectURL(await response.blob());\n"
      "  link.download = \"{}\";\n"
      "  link.click();\n"
      "  setTimeout(() => URL.revokeObjectURL(link.href), 60000);\n"
      "}}\n",
      url, file);
}

}  // namespace

void add_format_snippets(Json& snippets, const Endpoint& endpoint, bool open, const std::string& url) {
  using enum Format;
  const auto at = [&](Format format) { return url_of(endpoint, url, format); };
  // Formats with types go before CSV, whose numbers and missing values the readers guess.
  if (const auto format = first_of(endpoint, {parquet, csv}))
    snippets["pandas"] = pandas(at(*format), open, *format);
  if (const auto format = first_of(endpoint, {arrow, csv}))
    snippets["polars"] = polars(at(*format), open, *format);
  if (const auto format = first_of(endpoint, {parquet, csv}))
    snippets["duckdb"] = duckdb(at(*format), open, *format, file_of(endpoint, *format));
  // People open CSV; the others are for programs that read files.
  if (const auto format = first_of(endpoint, {csv, parquet, ndjson, arrow}))
    snippets["browser"] = browser(at(*format), open, file_of(endpoint, *format));
}

}  // namespace offloader::admin
