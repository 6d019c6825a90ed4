#include "audit_changes.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

namespace offloader::app {
namespace {

// What came, went or is another under the same name.
struct Difference {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> changed;

  [[nodiscard]] bool empty() const { return added.empty() && removed.empty() && changed.empty(); }
  void add_to(audit::Record& record) {
    for (auto* names : {&added, &removed, &changed}) std::sort(names->begin(), names->end());
    record.list("added", added).list("removed", removed).list("changed", changed);
  }
};

Difference difference_of_endpoints(const serving::Generation& before, const serving::Generation& after) {
  Difference out;
  for (const auto& [name, endpoint] : after.endpoints) {
    const auto was = before.endpoints.find(name);
    if (was == before.endpoints.end()) {
      out.added.push_back(name);
    } else if (was->second.compiler->fingerprint() != endpoint.compiler->fingerprint() ||
               was->second.contract->version != endpoint.contract->version) {
      out.changed.push_back(name);
    }
  }
  for (const auto& [name, endpoint] : before.endpoints) {
    if (!after.endpoints.contains(name)) out.removed.push_back(name);
  }
  return out;
}

Difference difference_of_keys(const catalog::Catalog& before, const catalog::Catalog& after) {
  Difference out;
  std::unordered_map<std::string_view, const catalog::Key*> known;
  for (const catalog::Key& key : before.keys) known.emplace(key.id, &key);
  for (const catalog::Key& key : after.keys) {
    const auto was = known.find(key.id);
    if (was == known.end()) {
      out.added.push_back(key.id);
      continue;
    }
    if (*was->second != key) out.changed.push_back(key.id);
    known.erase(was);
  }
  for (const auto& [id, key] : known) out.removed.emplace_back(id);
  return out;
}

std::string_view id_of(const std::shared_ptr<const serving::ServedSnapshot>& snapshot) {
  return snapshot ? std::string_view(snapshot->snapshot_id) : std::string_view();
}

void record_snapshot(audit::Audit& audit, SystemTime now, const std::string& dataset, std::string_view mode,
                     const std::shared_ptr<const serving::ServedSnapshot>& went,
                     const std::shared_ptr<const serving::ServedSnapshot>& came) {
  const bool same = went && came
                        ? went->snapshot_id == came->snapshot_id && went->fingerprint == came->fingerprint
                        : went == came;
  if (same) return;
  audit.record(audit::Record(now, "snapshot")
                   .text("dataset", dataset)
                   .text("mode", mode)
                   .text_or_null("came", id_of(came))
                   .text_or_null("went", id_of(went)));
}

void record_snapshots(audit::Audit& audit, SystemTime now, const serving::Generation& before,
                      const serving::Generation& after) {
  const auto record = [&](const std::string& dataset, const serving::DatasetSnapshots& went,
                          const serving::DatasetSnapshots& came) {
    record_snapshot(audit, now, dataset, name_of(catalog::ServingMode::local_table), went.local, came.local);
    record_snapshot(audit, now, dataset, name_of(catalog::ServingMode::remote_scan), went.remote,
                    came.remote);
  };
  for (const auto& [dataset, came] : after.snapshots) {
    const auto was = before.snapshots.find(dataset);
    record(dataset, was == before.snapshots.end() ? serving::DatasetSnapshots{} : was->second, came);
  }
  for (const auto& [dataset, went] : before.snapshots) {
    if (!after.snapshots.contains(dataset)) record(dataset, went, {});
  }
}

}  // namespace

void record_changes(audit::Audit& audit, SystemTime now, const serving::Generation& before,
                    const serving::Generation& after) {
  if (before.catalog != after.catalog) {
    // The configuration changes with every edit of the project, also one that changes no endpoint.
    Difference endpoints = difference_of_endpoints(before, after);
    const std::string& came = after.catalog->config_version;
    const std::string& went = before.catalog->config_version;
    if (came != went || !endpoints.empty()) {
      audit::Record record(now, "contract");
      record.text_or_null("came", came).text_or_null("went", went);
      endpoints.add_to(record);
      audit.record(record);
    }
    if (Difference keys = difference_of_keys(*before.catalog, *after.catalog); !keys.empty()) {
      audit::Record record(now, "keys");
      keys.add_to(record);
      audit.record(record);
    }
  }
  record_snapshots(audit, now, before, after);
}

void record_reload_by_signal(audit::Audit& audit, SystemTime now, const refresh::ReloadReport& report) {
  using Result = refresh::ReloadReport::Result;
  audit.record(audit::Record(now, "action")
                   .text("action", "reload")
                   .raw("dataset", "null")
                   .text("by", "signal")
                   .text("outcome", report.result == Result::error     ? "invalid_config"
                                    : report.result == Result::applied ? "applied"
                                                                       : "unchanged"));
}

}  // namespace offloader::app
