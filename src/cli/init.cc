#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "api_token.h"
#include "command.h"
#include "console.h"
#include "json_output.h"
#include "offloader/base/clock.h"
#include "offloader/base/file.h"
#include "offloader/base/timestamp.h"
#include "starter_project.h"

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;

struct InitFlags {
  std::string out = "offloader-project";
  bool open = false;
  bool force = false;
  bool json = false;
};

// `tokens` are those of the demo keys, by tenant; the first is the one to begin with.
using Tokens = std::vector<std::pair<std::string, std::string>>;

void print_next_steps(const InitFlags& flags, const Tokens& tokens, World& world) {
  if (flags.json) {
    nlohmann::ordered_json out{{"project", flags.out}, {"key", nullptr}};
    if (!flags.open) out["key"] = tokens.front().second;
    out["tokens"] = nlohmann::ordered_json::array();
    for (const auto& [tenant, token] : tokens)
      out["tokens"].push_back({{"tenant", tenant}, {"token", token}});
    world.out << json_line(out);
    return;
  }
  world.out << "Created a project in " << flags.out << ".\n\n";
  if (!flags.open) {
    world.out << "The demo keys, one for each tenant. Save them now: only their hashes are stored.\n\n"
              << "  export OFFLOADER_KEY=" << tokens.front().second << "   # " << tokens.front().first
              << "\n";
    for (std::size_t i = 1; i < tokens.size(); ++i)
      world.out << "  # " << tokens[i].first << ": " << tokens[i].second << "\n";
    world.out << "\n";
  }
  world.out << "Then:\n\n  offloader serve " << shell_quoted(flags.out) << "\n";
}

int init(const InitFlags& flags, World& world) {
  const fs::path root(flags.out);
  std::error_code error;
  if (fs::exists(root, error) && !fs::is_directory(root, error)) {
    world.err << flags.out << " is a file: choose another folder with --out\n";
    return kFailed;
  }
  if (!flags.force && fs::exists(root, error) && !fs::is_empty(root, error)) {
    const bool project = fs::exists(root / "offloader.yml", error);
    world.err << flags.out << (project ? " is not empty: " : " is not empty, and has no project: ")
              << "choose another folder with --out"
              << (project ? ", or overwrite the files of the starter project in it with --force" : "")
              << "\n";
    return kFailed;
  }
  Tokens tokens;
  const SystemTime now = real_clock().now();
  StarterOptions options;
  options.open = flags.open;
  options.today =
      static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(now).time_since_epoch().count());
  if (!flags.open) {
    for (const std::string_view tenant : starter_tenants()) {
      tokens.emplace_back(tenant, new_api_token());
      options.key_hashes.push_back(api_token_hash(tokens.back().second));
    }
  }
  options.created_at = to_rfc3339(now);
  for (const auto& [name, text] : starter_project(options)) {
    fs::create_directories((root / name).parent_path(), error);
    if (auto written = write_file_atomically(root / name, text); !written) {
      world.err << (root / name).string() << ": " << written.error().message << "\n";
      return kFailed;
    }
  }
  print_next_steps(flags, tokens, world);
  return kSuccess;
}

}  // namespace

void add_init(CLI::App& root, Action& action) {
  CLI::App* command =
      add_command(root, "init", "Creates a starter project with sample data, ready for `serve`.",
                  "offloader init --out demo\noffloader init --out open-data --public");
  auto flags = std::make_shared<InitFlags>();
  command->add_option("--out", flags->out, "The folder to create")->type_name("DIR")->capture_default_str();
  command->add_flag("--public", flags->open, "Make the endpoints public: no keys, no tenants");
  command->add_flag("--force", flags->force, "Overwrite the files of an existing starter project");
  command->add_flag("--json", flags->json, "Print the folder and the tokens as JSON");
  command->callback([&action, flags] { action = [flags](World& world) { return init(*flags, world); }; });
}

}  // namespace offloader::cli
