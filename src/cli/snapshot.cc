#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "admin_call.h"
#include "command.h"
#include "console.h"
#include "offloader/base/identifier.h"
#include "table.h"

namespace offloader::cli {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kAskTimeout{30};
// A forced refresh is answered only when the snapshot is built, which takes longer the larger the data is.
constexpr std::chrono::hours kBuildTimeout{6};

struct SnapshotFlags {
  std::string dataset;
  AdminFlags admin;
  bool no_wait = false;
  bool force = false;
  bool json = false;
};

// Returns the body of the admin port's answer, or nullopt after printing an error.
std::optional<json> ask(const SnapshotFlags& flags, const std::string& method, const std::string& path,
                        std::chrono::milliseconds timeout, World& world) {
  const auto answer = call_admin(flags.admin, method, path, timeout, world);
  if (!answer) return std::nullopt;
  json body = json::parse(answer->body, nullptr, false);
  if (body.is_object()) return body;
  world.err << path << ": the answer is not a JSON object\n";
  return std::nullopt;
}

std::string text_of(const json& value) {
  if (value.is_null()) return "-";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string id_of(const json& snapshot) {
  return snapshot.is_object() ? text_of(snapshot.value("snapshot_id", json())) : "-";
}

std::string age_of(const json& snapshot) {
  if (!snapshot.is_object() || !snapshot.value("age_seconds", json()).is_number()) return "-";
  const auto seconds = static_cast<std::int64_t>(snapshot["age_seconds"].get<double>());
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 7200) return fmt::format("{} min", seconds / 60);
  if (seconds < 172800) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} d", seconds / 86400);
}

// Returns the most important state for an operator, in a few words.
std::string state_of(const json& dataset) {
  if (const json building = dataset.value("building", json()); building.is_object())
    return fmt::format("building {} {:.0f} %", text_of(building.value("snapshot_id", json())),
                       100 * building.value("progress", 0.0));
  if (!dataset.value("active_snapshot", json()).is_object()) return "waiting";
  if (const json last = dataset.value("last_attempted", json()); last.is_object()) {
    const std::string status = last.value("status", "");
    if (status == "rejected" || status == "failed") return status;
  }
  return dataset.value("stale", false) ? "stale" : "ok";
}

int status(const SnapshotFlags& flags, World& world) {
  const auto diagnostics = ask(flags, "GET", "/diagnostics", kAskTimeout, world);
  if (!diagnostics) return kFailed;
  json shown = json::array();
  for (const json& dataset : diagnostics->value("datasets", json::array())) {
    if (flags.dataset.empty() || dataset.value("dataset", "") == flags.dataset) shown.push_back(dataset);
  }
  if (shown.empty() && !flags.dataset.empty()) {
    world.err << "there is no dataset `" << flags.dataset << "`\n";
    return kFailed;
  }
  if (flags.json) {
    world.out << json{{"datasets", shown}}.dump() << "\n";
    return kSuccess;
  }
  std::vector<std::vector<std::string>> rows{
      {"DATASET", "STATE", "ACTIVE", "AGE", "ROWS", "PREVIOUS", "QUARANTINED"}};
  for (const json& dataset : shown) {
    const json active = dataset.value("active_snapshot", json());
    rows.push_back({dataset.value("dataset", ""), state_of(dataset), id_of(active), age_of(active),
                    active.is_object() ? text_of(active.value("rows", json())) : "-",
                    id_of(dataset.value("previous_snapshot", json())),
                    text_of(dataset.value("quarantined_snapshot_id", json()))});
  }
  print_table(rows, world.out);
  for (const json& dataset : shown) {
    if (const json error = dataset.value("refresh_error", json()); error.is_string())
      world.out << dataset.value("dataset", "") << ": " << error.get<std::string>() << "\n";
  }
  return kSuccess;
}

int refresh(const SnapshotFlags& flags, World& world) {
  const auto report =
      ask(flags, "POST", "/datasets/" + flags.dataset + "/refresh" + (flags.no_wait ? "?wait=false" : ""),
          kBuildTimeout, world);
  if (!report) return kFailed;
  const std::string outcome = report->value("status", "");
  if (flags.json) {
    world.out << report->dump() << "\n";
  } else if (flags.no_wait) {
    world.out << "Refresh of " << flags.dataset << " started. See `offloader snapshot status "
              << flags.dataset << "`.\n";
  } else {
    world.out << flags.dataset << ": " << outcome << " " << text_of(report->value("snapshot_id", json()))
              << fmt::format(" in {} ms", report->value("duration_ms", std::int64_t{0})) << "\n";
    if (const json error = report->value("error", json()); error.is_string() && error != "")
      world.out << error.get<std::string>() << "\n";
  }
  return outcome == "rejected" || outcome == "failed" ? kFailed : kSuccess;
}

int rollback(const SnapshotFlags& flags, World& world) {
  const auto report =
      ask(flags, "POST", "/datasets/" + flags.dataset + "/rollback" + (flags.force ? "?force=true" : ""),
          kAskTimeout, world);
  if (!report) return kFailed;
  if (flags.json) {
    world.out << report->dump() << "\n";
  } else {
    world.out << flags.dataset << ": active " << text_of(report->value("active_snapshot", json()))
              << "; previous " << text_of(report->value("previous_snapshot", json())) << "; quarantined "
              << text_of(report->value("quarantined_snapshot_id", json())) << "\n";
  }
  return kSuccess;
}

std::shared_ptr<SnapshotFlags> add_flags(CLI::App& command, bool dataset_required) {
  auto flags = std::make_shared<SnapshotFlags>();
  CLI::Option* dataset = command.add_option(
      "DATASET", flags->dataset, dataset_required ? "The dataset's id" : "One dataset; default all");
  dataset->check(identifier_value());
  if (dataset_required) dataset->required();
  add_admin_flags(command, flags->admin);
  command.add_flag("--json", flags->json, "Print the admin port's answer as JSON");
  return flags;
}

}  // namespace

void add_snapshot(CLI::App& root, Action& action) {
  CLI::App* snapshot =
      root.add_subcommand("snapshot", "Shows, refreshes and rolls back the snapshots of datasets.");
  snapshot->require_subcommand(1);
  snapshot->footer("Example:\n  offloader snapshot status");
  CLI::App* status_command =
      add_command(*snapshot, "status", "Shows what each dataset serves, and the result of its last refresh.",
                  "OFFLOADER_ADMIN_TOKEN=... offloader snapshot status\n"
                  "OFFLOADER_ADMIN_TOKEN=... offloader snapshot status orders --json");
  auto shown = add_flags(*status_command, false);
  status_command->callback(
      [&action, shown] { action = [shown](World& world) { return status(*shown, world); }; });
  CLI::App* refresh_command = add_command(
      *snapshot, "refresh", "Builds a dataset's snapshot now, even if it is quarantined or already active.",
      "OFFLOADER_ADMIN_TOKEN=... offloader snapshot refresh orders");
  auto forced = add_flags(*refresh_command, true);
  refresh_command->add_flag("--no-wait", forced->no_wait, "Start the refresh without waiting for the result");
  refresh_command->callback(
      [&action, forced] { action = [forced](World& world) { return refresh(*forced, world); }; });
  CLI::App* rollback_command = add_command(
      *snapshot, "rollback", "Makes the previous snapshot active again and quarantines the current one.",
      "OFFLOADER_ADMIN_TOKEN=... offloader snapshot rollback orders\n"
      "OFFLOADER_ADMIN_TOKEN=... offloader snapshot rollback orders --force");
  auto back = add_flags(*rollback_command, true);
  rollback_command->add_flag("--force", back->force,
                             "Also go back to a snapshot that an earlier rollback quarantined");
  rollback_command->callback(
      [&action, back] { action = [back](World& world) { return rollback(*back, world); }; });
}

}  // namespace offloader::cli
