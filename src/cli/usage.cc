#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "admin_call.h"
#include "command.h"
#include "offloader/base/timestamp.h"
#include "offloader/transport/url_encoding.h"
#include "table.h"
#include "terminal_text.h"

namespace offloader::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::chrono::minutes kTimeout{5};  // the server may read files of many days
constexpr std::array<std::string_view, 4> kDimensions = {"key", "endpoint", "tenant", "hour"};

struct UsageFlags {
  AdminFlags admin;
  std::string from;
  std::string to;
  std::string by;
  bool json = false;
  bool csv = false;
};

// A date or an instant, as the admin port reads it.
CLI::Validator hour_value() {
  return {[](const std::string& text) {
            return parse_date(text) || parse_iso8601(text)
                       ? std::string()
                       : "`" + text +
                             "` is neither a date, like 2026-01-31, nor an instant with an offset, like "
                             "2026-01-31T12:00:00Z";
          },
          ""};
}

CLI::Validator dimensions_value() {
  return {[](const std::string& text) {
            const std::string listed = text + ",";
            std::size_t begin = 0;
            for (std::size_t end = 0; (end = listed.find(',', begin)) != listed.npos; begin = end + 1) {
              const std::string word = listed.substr(begin, end - begin);
              if (std::ranges::find(kDimensions, word) == kDimensions.end()) {
                return fmt::format("`{}` is not one of {}; separate several by commas", word,
                                   fmt::join(kDimensions, ", "));
              }
            }
            return std::string();
          },
          ""};
}

std::string path_of(const UsageFlags& flags) {
  std::string path = std::string("/usage?format=") + (flags.csv ? "csv" : "json");
  for (const auto& [name, value] :
       {std::pair("from", &flags.from), std::pair("to", &flags.to), std::pair("by", &flags.by)}) {
    if (!value->empty())
      path.append("&").append(name).append("=").append(transport::encode_component(*value));
  }
  return path;
}

std::string cell_of(const ordered_json& value) {
  if (value.is_null()) return "-";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// The columns of the table: what the report is by, and the counts under short headings.
int print_report(const ordered_json& report, World& world) {
  const std::vector<std::pair<const char*, const char*>> counts = {
      {"requests", "REQUESTS"}, {"requests_2xx", "2XX"},      {"requests_3xx", "3XX"},
      {"requests_4xx", "4XX"},  {"requests_5xx", "5XX"},      {"rows", "ROWS"},
      {"bytes", "BYTES"},       {"execution_us", "EXECUTION"}};
  std::vector<std::string> by;
  for (const char* const name : {"hour", "key", "tenant", "endpoint"}) {
    for (const ordered_json& asked : report.value("by", ordered_json::array()))
      if (asked == name) by.emplace_back(name);
  }
  std::vector<std::vector<std::string>> rows(1);
  for (std::string name : by) {
    for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    rows[0].push_back(std::move(name));
  }
  for (const auto& [name, heading] : counts) rows[0].emplace_back(heading);
  for (const ordered_json& line : report.value("lines", ordered_json::array())) {
    std::vector<std::string>& row = rows.emplace_back();
    for (const std::string& name : by) row.push_back(cell_of(line.value(name, ordered_json())));
    for (const auto& [name, heading] : counts) {
      const std::int64_t value = line.value(name, std::int64_t{0});
      row.push_back(name == std::string_view("execution_us")
                        ? fmt::format("{:.3f} s", static_cast<double>(value) / 1e6)
                        : std::to_string(value));
    }
  }
  world.out << "From " << cell_of(report.value("from", ordered_json())) << " to "
            << cell_of(report.value("to", ordered_json())) << "\n";
  print_table(rows, world.out);
  const ordered_json unused = report.value("endpoints_without_calls", ordered_json::array());
  if (!unused.empty()) {
    world.out << "Endpoints without calls:";
    const char* before = " ";
    for (const ordered_json& name : unused) {
      world.out << before << cell_of(name);
      before = ", ";
    }
    world.out << "\n";
  }
  return kSuccess;
}

// A file gets the bytes of the server. On a terminal, lines end without the carriage return of CSV, so that
// what else is escaped can be told from it.
int print_csv(std::string csv, World& world) {
  if (!world.out_is_terminal) return write_unescaped(world.out, csv) ? kSuccess : kFailed;
  for (std::size_t at = 0; (at = csv.find("\r\n", at)) != std::string::npos; ++at) csv.erase(at, 1);
  world.out << csv;
  return kSuccess;
}

int usage(const UsageFlags& flags, World& world) {
  const std::string path = path_of(flags);
  const auto answer = call_admin(flags.admin, "GET", path, kTimeout, world);
  if (!answer) return kFailed;
  if (flags.csv) return print_csv(answer->body, world);
  if (flags.json) {
    world.out << answer->body << "\n";
    return kSuccess;
  }
  const ordered_json report = ordered_json::parse(answer->body, nullptr, false);
  if (report.is_object()) return print_report(report, world);
  world.err << path << ": the answer is not a JSON object\n";
  return kFailed;
}

}  // namespace

void add_usage(CLI::App& root, Action& action) {
  CLI::App* command = add_command(
      root, "usage", "Shows what was served, by key, endpoint, tenant or hour.",
      "OFFLOADER_ADMIN_TOKEN=... offloader usage\n"
      "OFFLOADER_ADMIN_TOKEN=... offloader usage --from 2026-01-01 --to 2026-02-01 --by tenant --csv\n"
      "OFFLOADER_ADMIN_TOKEN=... offloader usage --by key,endpoint,hour --json");
  auto flags = std::make_shared<UsageFlags>();
  command
      ->add_option("--from", flags->from,
                   "The first hour: a date, or an instant such as 2026-01-31T12:00:00Z; default 30 days ago")
      ->type_name("TIME")
      ->check(hour_value());
  command->add_option("--to", flags->to, "The end, which is not included; default now")
      ->type_name("TIME")
      ->check(hour_value());
  command
      ->add_option("--by", flags->by,
                   "One line for each of: key, endpoint, tenant, hour, comma-separated; default key,endpoint")
      ->type_name("LIST")
      ->check(dimensions_value());
  add_admin_flags(*command, flags->admin);
  CLI::Option* json = command->add_flag("--json", flags->json, "Print the admin port's answer as JSON");
  command->add_flag("--csv", flags->csv, "Print CSV")->excludes(json);
  command->callback([&action, flags] { action = [flags](World& world) { return usage(*flags, world); }; });
}

}  // namespace offloader::cli
