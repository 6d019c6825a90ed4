#include <memory>
#include <ostream>

#include "command.h"
#include "console.h"
#include "json_output.h"
#include "offloader/base/clock.h"
#include "offloader/catalog/key_changes.h"
#include "offloader/catalog/load.h"
#include "project_manifests.h"

namespace offloader::cli {
namespace {

std::string summary(const catalog::LoadedProject& project, const catalog::FindingCounts& counts) {
  std::string out;
  if (project.catalog) {
    out = "ok: " + counted(project.catalog->datasets.size(), "dataset") + ", " +
          counted(project.catalog->endpoints.size(), "endpoint") + ", " +
          counted(project.catalog->keys.size(), "key");
    if (!project.catalog->issuers.empty()) out += ", " + counted(project.catalog->issuers.size(), "issuer");
  } else {
    out = counted(counts.errors, "error");
  }
  if (counts.warnings > 0) out += ", " + counted(counts.warnings, "warning");
  return out;
}

// Daily limits need the usage ledger to survive a restart.
void warn_of_daily_limits(const catalog::LoadedProject& project, const World& world,
                          catalog::Findings& findings) {
  if (!project.catalog || !project.catalog->has_daily_limits()) return;
  if (world.environment("OFFLOADER_USAGE_DAYS").value_or("") != "0") return;
  findings.push_back({.file = project.texts->keys_file,
                      .line = 0,
                      .path = {},
                      .code = "invalid_value",
                      .message =
                          "there are daily limits, but OFFLOADER_USAGE_DAYS is 0, so their counters begin "
                          "again with each start of the server",
                      .hint = "set OFFLOADER_USAGE_DAYS to at least 1, or remove the daily limits",
                      .severity = catalog::Severity::warning});
}

int validate(const std::string& config, bool as_json, World& world) {
  const catalog::LoadedProject project = catalog::load_project(config);
  catalog::Findings findings = project.findings;
  for (catalog::Finding& finding : check_local_manifests(project)) findings.push_back(std::move(finding));
  if (project.catalog) {
    for (catalog::Finding& finding :
         catalog::expiry_warnings(project.catalog->keys, project.texts->keys_file, real_clock().now()))
      findings.push_back(std::move(finding));
  }
  warn_of_daily_limits(project, world, findings);
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
  auto config = std::make_shared<std::string>();
  command
      ->add_option("--config", *config,
                   "The project's offloader.yml, or its folder; default $OFFLOADER_CONFIG if it is a local "
                   "path, else offloader.yml")
      ->type_name("FILE");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Print the findings as JSON");
  command->callback([&action, config, json] {
    action = [config, as_json = *json](World& world) {
      return validate(local_config_of(world, *config), as_json, world);
    };
  });
}

}  // namespace offloader::cli
