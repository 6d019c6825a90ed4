#include <memory>
#include <ostream>

#include "command.h"
#include "offloader/index/inspect.h"

namespace offloader::cli {
namespace {

int inspect(const std::string& file, bool json, World& world) {
  const auto described =
      index::inspect_index(file, json ? index::InspectFormat::json : index::InspectFormat::text);
  if (!described) {
    world.err << file << ": " << described.error().message;
    if (!described.error().detail.empty()) world.err << " (" << described.error().detail << ")";
    world.err << "\n";
    return kFailed;
  }
  world.out << *described;
  return kSuccess;
}

}  // namespace

void add_index(CLI::App& root, Action& action) {
  CLI::App* index = root.add_subcommand("index", "Inspects the columnar index of a snapshot.");
  index->require_subcommand(1);
  index->footer("Example:\n  offloader index inspect cache/datasets/account_daily/2026-01-01.1.index");
  CLI::App* command = add_command(
      *index, "inspect",
      "Checks a whole index file and shows what it contains: rows, order, and columns with their types, "
      "widths, distinct strings and bytes.",
      "offloader index inspect cache/datasets/account_daily/2026-01-01.1.index --json");
  auto file = std::make_shared<std::string>();
  command->add_option("FILE", *file, "A .index file in the cache folder")->required();
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Print as JSON");
  command->callback([&action, file, json] {
    action = [file, json](World& world) { return inspect(*file, *json, world); };
  });
}

}  // namespace offloader::cli
