#include "docs_page.h"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "docs_assets.h"
#include "offloader/base/html_text.h"

namespace offloader::admin {
namespace {

std::string text_of(const Json& value) {
  if (value.is_null()) return "";
  return escape_html(value.is_string() ? value.get<std::string>() : value.dump());
}

// Escapes a text and renders `…` as code.
std::string with_code(const std::string& text) {
  std::string rest = escape_html(text);
  std::string out;
  for (;;) {
    const std::size_t begin = rest.find('`');
    const std::size_t end = begin == std::string::npos ? begin : rest.find('`', begin + 1);
    if (end == std::string::npos) return out + rest;
    out += rest.substr(0, begin) + "<code>" + rest.substr(begin + 1, end - begin - 1) + "</code>";
    rest.erase(0, end + 1);
  }
}

std::string table(const std::vector<const char*>& heads, const std::string& rows) {
  std::string head;
  for (const char* title : heads) head += fmt::format(R"(<th scope="col">{}</th>)", title);
  // A wide table scrolls within itself, also by keyboard.
  return fmt::format(
      R"(<div class="scroll" tabindex="0" role="group" aria-label="Table"><table><thead><tr>{}</tr></thead>)"
      "<tbody>{}</tbody></table></div>",
      head, rows);
}

// Returns the values that a param accepts, as the content of one cell.
std::string values_of(const Json& param) {
  std::string values;
  if (param["name"] == "offset") values += "rows to skip";
  if (param["type"] == "list") values += "comma-separated: ";
  if (!param["enum"].is_null()) {
    const char* between = "";
    for (const Json& value : param["enum"]) {
      values += between + ("<code>" + text_of(value) + "</code>");
      between = ", ";
    }
  }
  const auto add = [&](const std::string& what) { values += (values.empty() ? "" : ", ") + what; };
  if (param.contains("min")) add("at least " + text_of(param["min"]));
  // The description of a limit, if there is one, has a bound for each kind of answer.
  const bool bounds_told = param["name"] == "limit" && param.contains("description");
  if (param.contains("max") && !bounds_told) add("at most " + text_of(param["max"]));
  if (param.contains("max_length")) add("at most " + text_of(param["max_length"]) + " characters");
  if (param.contains("list")) add("a list of up to " + text_of(param["list"]["max"]) + ", comma-separated");
  std::string aliases;
  for (const auto& [alias, value] : param["aliases"].items()) {
    aliases += fmt::format("{}<code>{}</code> for <code>{}</code>", aliases.empty() ? "" : ", ",
                           escape_html(alias), text_of(value));
  }
  if (!aliases.empty()) values += (values.empty() ? "" : "<br>") + ("also " + aliases);
  if (param.contains("description"))
    values = with_code(param["description"].get<std::string>()) + (values.empty() ? "" : "<br>" + values);
  return values;
}

std::string params_table(const Json& endpoint) {
  std::string rows;
  for (const Json& param : endpoint["params"]) {
    const std::string otherwise = text_of(param["default"]);
    rows += fmt::format("<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                        text_of(param["name"]), text_of(param["type"]),
                        param["required"].get<bool>() ? "yes" : "no",
                        otherwise.empty() ? "" : "<code>" + otherwise + "</code>", values_of(param));
  }
  return table({"Name", "Type", "Required", "Default", "Values"}, rows);
}

// How a caller gets all rows, if there is a param for it.
std::string paging(const Json& endpoint) {
  if (!endpoint["pagination"].contains("cursor")) return "";
  std::string out =
      "Send the first request without `cursor`, then the same one with `cursor` set to `meta.next_cursor` of "
      "each answer, until that is `null`. All pages are from one snapshot while the server has it. ";
  out += endpoint["pagination"]["cursor"] == "strict"
             ? "After that the answer is 410 `cursor_expired`: begin again."
             : "After that they continue in the new one at the same place, and `meta.snapshot_changed` is "
               "`true`.";
  return "<h3>All pages</h3><p>" + with_code(out) + "</p>";
}

constexpr const char* kExport =
    "In a format other than JSON, `limit` may be up to {}. The rows are sent while they are read, all of "
    "them from one snapshot. An answer that breaks off ends without its last chunk, which clients report as "
    "an error.";

// How an answer may be longer than a page.
std::string exports(const Json& endpoint) {
  if (!endpoint.contains("export")) return "";
  const std::string text = fmt::format(kExport, text_of(endpoint["export"]["max_rows"]));
  return "<h3>Export</h3><p>" + with_code(text) + "</p>";
}

std::string combinations_list(const Json& endpoint) {
  if (endpoint["combinations"].empty()) return "";
  std::string out = "<h3>Allowed combinations of params</h3><ul>";
  for (const Json& combination : endpoint["combinations"]) {
    std::string names;
    for (const Json& name : combination)
      names += (names.empty() ? "<code>" : ", <code>") + text_of(name) + "</code>";
    out += "<li>" + (names.empty() ? std::string("none") : names) + "</li>";
  }
  return out + "</ul>";
}

std::string columns_table(const Json& endpoint) {
  std::string rows;
  for (const Json& column : endpoint["response"]["columns"]) {
    std::string notes = column["nullable"].get<bool>() ? "may be null" : "";
    const auto add = [&notes](const std::string& note) { notes += (notes.empty() ? "" : "; ") + note; };
    if (column.contains("encoding")) add("a string");
    if (column.contains("description")) add(text_of(column["description"]));
    rows += fmt::format("<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>", text_of(column["name"]),
                        text_of(column["type"]), notes);
  }
  return table({"Column", "Type", "Null"}, rows);
}

constexpr std::array kLanguages = {std::pair("curl", "curl"),      std::pair("typescript", "TypeScript"),
                                   std::pair("python", "Python"),  std::pair("pandas", "pandas"),
                                   std::pair("polars", "Polars"),  std::pair("duckdb", "DuckDB"),
                                   std::pair("browser", "Browser")};

// Renders the snippets one below the other; the script turns them into tabs.
std::string snippets(const Json& endpoint) {
  const std::string name = text_of(endpoint["name"]);
  std::string tabs;
  std::string panels;
  for (const auto& [language, title] : kLanguages) {
    if (!endpoint["snippets"].contains(language)) continue;
    const std::string tab = name + "-" + language + "-tab";
    const std::string panel = name + "-" + language;
    tabs += fmt::format(
        R"(<button type="button" role="tab" id="{}" aria-controls="{}" data-language="{}">{}</button>)", tab,
        panel, language, title);
    panels += fmt::format(
        R"(<div class="snippet" role="tabpanel" id="{}" aria-labelledby="{}" data-language="{}"><h4>{}</h4>)"
        R"(<button type="button" class="copy" aria-label="Copy the {} snippet" hidden>Copy</button>)"
        R"(<pre tabindex="0"><code>{}</code></pre></div>)",
        panel, tab, language, title, title, text_of(endpoint["snippets"][language]));
  }
  return fmt::format(
      R"(<div class="snippets"><div role="tablist" aria-label="Language" hidden>{}</div>{}</div>)", tabs,
      panels);
}

std::string errors_table(const Json& endpoint) {
  std::string rows;
  for (const Json& error : endpoint["errors"]) {
    rows += fmt::format("<tr><td>{}</td><td><code>{}</code></td><td>{}</td></tr>", text_of(error["status"]),
                        text_of(error["family"]), text_of(error["when"]));
  }
  return table({"Status", "Family", "When"}, rows);
}

std::string fact(const char* term, const std::string& text) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", term, text);
}

std::string facts(const Json& endpoint) {
  std::string out = fact("Version", text_of(endpoint["version"]));
  if (!endpoint["owner"].get<std::string>().empty()) out += fact("Owner", text_of(endpoint["owner"]));
  out += fact("Auth", endpoint["auth"] == "none" ? std::string("none") : text_of(endpoint["auth"]));
  out += fact("Page", fmt::format("{} rows, at most {}", text_of(endpoint["pagination"]["default_limit"]),
                                  text_of(endpoint["pagination"]["max_limit"])));
  if (endpoint.contains("formats")) {
    std::string formats;
    for (const Json& format : endpoint["formats"]) formats += (formats.empty() ? "" : ", ") + text_of(format);
    out += fact("Formats", formats);
  }
  if (endpoint.contains("export")) {
    out += fact("Export", fmt::format("at most {} rows", text_of(endpoint["export"]["max_rows"])));
  }
  out += fact("Freshness", endpoint["freshness_minutes"].is_null()
                               ? std::string("no staleness limit")
                               : "stale after " + text_of(endpoint["freshness_minutes"]) + " minutes");
  return "<dl>" + out + "</dl>";
}

std::string article(const Json& endpoint) {
  const std::string name = text_of(endpoint["name"]);
  std::string out = fmt::format(
      R"(<article id="{0}" aria-labelledby="{0}-title"><div class="head"><h2 id="{0}-title">{0}</h2></div>)"
      R"(<p class="route"><code><b>GET</b> {1}</code></p>)",
      name, text_of(endpoint["path"]));
  if (!endpoint["description"].get<std::string>().empty())
    out += "<p>" + text_of(endpoint["description"]) + "</p>";
  out += facts(endpoint);
  out += "<h3>Params</h3>" + params_table(endpoint) + combinations_list(endpoint) + paging(endpoint);
  out += exports(endpoint);
  out += "<h3>Response columns</h3>" + columns_table(endpoint);
  out += "<h3>Try it</h3>" + snippets(endpoint);
  out += fmt::format(
      "<h3>Answers</h3><details><summary>Example, generated from the column types</summary>"
      R"(<pre tabindex="0"><code>{}</code></pre></details>)",
      escape_html(endpoint["response"]["example"].dump(2)));
  return out + "<details><summary>Errors</summary>" + errors_table(endpoint) + "</details></article>";
}

// The routes besides `GET` of each endpoint.
std::string routes(const Json& docs) {
  std::string out;
  for (const Json& route : docs["routes"]) {
    out += fmt::format("<div><dt><code>{} {}</code></dt><dd>{}</dd></div>", text_of(route["method"]),
                       text_of(route["path"]), with_code(route["description"].get<std::string>()));
  }
  return "<dl>" + out + "</dl>";
}

}  // namespace

std::string docs_page(const Json& docs, const std::string& nonce) {
  std::string links;
  std::string articles;
  for (const Json& endpoint : docs["endpoints"]) {
    const std::string name = text_of(endpoint["name"]);
    links += fmt::format(R"(<li data-name="{0}" data-text="{0} {1}"><a href="#{0}">{0}</a></li>)", name,
                         text_of(endpoint["description"]));
    articles += article(endpoint);
  }
  const bool keyless = docs["auth"]["mode"] == "none";
  return fmt::format(
      R"(<!doctype html><html lang="en"><head><meta charset="utf-8">)"
      R"(<meta name="viewport" content="width=device-width,initial-scale=1"><title>Offloader endpoints</title>)"
      R"(<link rel="icon" href="data:,"><style nonce="{nonce}">{style}</style></head><body>)"
      R"(<a class="skip" href="#content">Skip to the endpoints</a><nav aria-label="Endpoints">)"
      R"(<p class="brand">Offloader <span>endpoints</span></p><div class="filter"><label for="filter">Filter (press /)</label>)"
      R"(<input id="filter" type="search" autocomplete="off" spellcheck="false"></div><ul>{links}</ul><p class="foot">)"
      R"(<a href="/openapi.json">OpenAPI</a> · <a href="/schema">Schema</a> · <a href="/status">Status</a></p></nav>)"
      R"(<main id="content" tabindex="-1"><h1>Endpoints</h1><p>{note}</p>)"
      R"(<p class="soft">{count} · {mode} · config <code>{config}</code></p>)"
      R"({routes}<p id="none" class="soft" role="status" hidden>No endpoint matches the filter.</p>{articles}</main>)"
      R"(<script nonce="{nonce}">{script}</script></body></html>)",
      fmt::arg("nonce", nonce), fmt::arg("style", kDocsStyle), fmt::arg("script", kDocsScript),
      fmt::arg("links", links), fmt::arg("note", with_code(docs["auth"]["note"].get<std::string>())),
      fmt::arg("count", docs["endpoints"].size() == 1
                            ? std::string("1 endpoint")
                            : std::to_string(docs["endpoints"].size()) + " endpoints"),
      fmt::arg("mode", keyless ? "open, no key" : "key required"),
      fmt::arg("config", text_of(docs["config_version"])), fmt::arg("articles", articles),
      fmt::arg("routes", routes(docs)));
}

}  // namespace offloader::admin
