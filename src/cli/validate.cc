#include <memory>
#include <ostream>

#include "command.h"
#include "json_output.h"
#include "offloader/catalog/load.h"
#include "project_manifests.h"

namespace offloader::cli {
namespace {

std::string counted(std::size_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string summary(const catalog::LoadedProject& project, const catalog::FindingCounts& counts) {
  std::string out;
  if (project.catalog) {
    out = "ok: " + std::to_string(project.catalog->datasets.size()) + " datasets, " +
          std::to_string(project.catalog->endpoints.size()) + " endpoints, " +
          std::to_string(project.catalog->keys.size()) + " keys";
  } else {
    out = counted(counts.errors, "error");
  }
  if (counts.warnings > 0) out += ", " + counted(counts.warnings, "warning");
  return out;
}

int validate(const std::string& config, bool as_json, World& world) {
  const catalog::LoadedProject project = catalog::load_project(config);
  catalog::Findings findings = project.findings;
  for (catalog::Finding& finding : check_local_manifests(project)) findings.push_back(std::move(finding));
  findings = catalog::bounded(std::move(findings));
  const catalog::FindingCounts counts = catalog::count_findings(findings);
  if (as_json) {
    world.out << findings_line(project.catalog != nullptr, findings);
  } else {
    world.out << catalog::to_text(findings);
    (project.catalog ? world.out : world.err) << summary(project, counts) << "\n";
  }
  return project.catalog ? kSuccess : kFailed;
}

}  // namespace

void add_validate(CLI::App& root, Action& action) {
  CLI::App* command =
      add_command(root, "validate", "Checks a project and its local manifests, and prints all findings.",
                  "offloader validate --config examples/customer-analytics/offloader.yml");
  auto config = std::make_shared<std::string>("offloader.yml");
  command->add_option("--config", *config, "The project's offloader.yml, or its folder")
      ->type_name("FILE")
      ->capture_default_str();
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Print the findings as JSON");
  command->callback([&action, config, json] {
    action = [config, as_json = *json](World& world) { return validate(*config, as_json, world); };
  });
}

}  // namespace offloader::cli
