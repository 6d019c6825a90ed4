#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "endpoint_commands.h"
#include "offloader/catalog/format.h"

namespace offloader::cli {
namespace {

// Declares --format with the names of the contract as its choices.
CLI::Option* add_format(CLI::App& command, std::string& format, bool with_json, const std::string& meaning) {
  std::vector<std::string> names;
  std::string choices;
  for (const catalog::FormatRow& row : catalog::kFormats) {
    if (row.format == catalog::Format::json && !with_json) continue;
    names.emplace_back(row.name);
    choices.append(choices.empty() ? "{" : ",").append(row.name);
  }
  return command.add_option("--format", format, meaning)
      ->type_name(choices + "}")
      ->check(CLI::IsMember(std::move(names)).description(""));
}

void add_test(CLI::App& endpoint, Action& action) {
  CLI::App* command =
      add_command(endpoint, "test", "Calls an endpoint and checks its status and its answer.",
                  "OFFLOADER_KEY=offl_... offloader endpoint test --endpoint orders --params product=anvil "
                  "--url http://localhost:8088\n"
                  "OFFLOADER_KEY=offl_... offloader endpoint test --endpoint orders --format csv\n"
                  "offloader endpoint test --endpoint orders --key wrong --expect-status 401");
  auto flags = std::make_shared<TestFlags>();
  add_call_flags(*command, flags->call);
  add_format(
      *command, flags->format, true,
      "The format to ask for; json is checked by its envelope, the others by their headers, and the first "
      "rows of csv and ndjson are shown")
      ->capture_default_str();
  command->add_option("--expect-status", flags->expect_status, "The expected status")
      ->type_name("STATUS")
      ->check(whole_number_between(100, 599))
      ->capture_default_str();
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command->callback(
      [&action, flags] { action = [flags](World& world) { return test_endpoint(*flags, world); }; });
}

void add_export(CLI::App& endpoint, Action& action) {
  CLI::App* command = add_command(
      endpoint, "export", "Writes all rows of an endpoint to a file, and fails unless they are complete.",
      "OFFLOADER_KEY=offl_... offloader endpoint export --endpoint orders --out orders.parquet\n"
      "OFFLOADER_KEY=offl_... offloader endpoint export --endpoint orders --params from=2025-01-01 --out - "
      "--format csv");
  auto flags = std::make_shared<ExportFlags>();
  add_call_flags(*command, flags->call);
  command->get_option("--params")
      ->description(
          "NAME=VALUE, not percent-encoded; may be repeated, or joined by &. `limit=N` takes N rows at most; "
          "without it the command takes all rows, and fails if the server does not allow so many");
  command
      ->add_option(
          "--out", flags->out,
          "The file to write, which appears only once it is complete; - for standard output, where the "
          "exit code tells")
      ->type_name("FILE")
      ->required();
  add_format(*command, flags->format, false,
             "The format; default by the extension of --out: .csv, .ndjson or .jsonl, .arrow or .arrows, "
             ".parquet; csv without an extension");
  command->add_flag("--force", flags->force, "Replace the file if it exists");
  command->add_flag("--no-trailers", flags->no_trailers,
                    "Accept an answer that ended properly but lost its trailers to a proxy");
  command->add_flag("--json", flags->json, "Print the result as JSON; not with --out -");
  command->callback(
      [&action, flags] { action = [flags](World& world) { return export_endpoint(*flags, world); }; });
}

}  // namespace

void add_endpoint(CLI::App& root, Action& action) {
  CLI::App* endpoint = add_command(root, "endpoint", "Calls endpoints of a running server.",
                                   "offloader endpoint test --endpoint orders --params from=2025-01-01");
  endpoint->require_subcommand(1);
  add_test(*endpoint, action);
  add_export(*endpoint, action);
}

}  // namespace offloader::cli
