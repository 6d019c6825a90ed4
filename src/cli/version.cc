#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "command.h"
#include "json_output.h"
#include "offloader/app/build_info.h"

namespace offloader::cli {

void add_version(CLI::App& root, Action& action) {
  CLI::App* command = add_command(root, "version", "Prints the version, DuckDB's version and the build.",
                                  "offloader version");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Print as JSON");
  command->callback([&action, json] {
    action = [as_json = *json](World& world) {
      const app::BuildInfo info = app::build_info();
      if (as_json) {
        world.out << json_line({{"version", info.version}, {"duckdb", info.duckdb}, {"build", info.build}});
      } else {
        world.out << "offloader " << info.version << "\nduckdb " << info.duckdb << "\nbuild " << info.build
                  << "\n";
      }
      return kSuccess;
    };
  });
}

}  // namespace offloader::cli
