#include <algorithm>
#include <memory>
#include <ostream>

#include "command.h"
#include "offloader/catalog/load.h"

namespace offloader::cli {
namespace {

std::string summary(const catalog::LoadedProject& project) {
  const auto errors = std::count_if(
      project.findings.begin(), project.findings.end(),
      [](const catalog::Finding& finding) { return finding.severity == catalog::Severity::error; });
  const auto warnings = static_cast<std::ptrdiff_t>(project.findings.size()) - errors;
  std::string out;
  if (project.catalog) {
    out = "ok: " + std::to_string(project.catalog->datasets.size()) + " datasets, " +
          std::to_string(project.catalog->endpoints.size()) + " endpoints, " +
          std::to_string(project.catalog->keys.size()) + " keys";
  } else {
    out = std::to_string(errors) + (errors == 1 ? " error" : " errors");
  }
  if (warnings > 0) out += ", " + std::to_string(warnings) + (warnings == 1 ? " warning" : " warnings");
  return out;
}

int validate(const std::string& config, bool as_json, World& world) {
  const catalog::LoadedProject project = catalog::load_project(config);
  if (as_json) {
    world.out << R"({"valid":)" << (project.catalog ? "true" : "false") << R"(,"findings":)"
              << catalog::to_json(project.findings) << "}\n";
  } else {
    world.out << catalog::to_text(project.findings);
    (project.catalog ? world.out : world.err) << summary(project) << "\n";
  }
  return project.catalog ? kSuccess : kFailed;
}

}  // namespace

void add_validate(CLI::App& root, Action& action) {
  CLI::App* command = add_command(root, "validate", "Checks a project and prints every finding at once.",
                                  "offloader validate --config examples/customer-analytics/offloader.yml");
  auto config = std::make_shared<std::string>("offloader.yml");
  command->add_option("--config", *config, "The project's offloader.yml, or its folder")
      ->type_name("FILE")
      ->capture_default_str();
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Findings as JSON");
  command->callback([&action, config, json] {
    action = [config, as_json = *json](World& world) { return validate(*config, as_json, world); };
  });
}

}  // namespace offloader::cli
