#include "audit_changes.h"

#include <algorithm>
#include <string>
#include <vector>

#include "offloader/catalog/key_changes.h"

namespace offloader::app {
namespace {

// Names that came, went or changed, each list sorted.
struct NameChanges {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> changed;

  [[nodiscard]] bool empty() const { return added.empty() && removed.empty() && changed.empty(); }
};

NameChanges changed_endpoints(const serving::Generation& before, const serving::Generation& after) {
  NameChanges out;
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
  for (auto* names : {&out.added, &out.removed, &out.changed}) std::sort(names->begin(), names->end());
  return out;
}

// A key set that is fetched changes at the issuer, and is none of this.
NameChanges changed_issuers(const std::vector<catalog::Issuer>& before,
                            const std::vector<catalog::Issuer>& after) {
  NameChanges out;
  const auto find = [](const std::vector<catalog::Issuer>& in, const std::string& id) {
    return std::ranges::find(in, id, &catalog::Issuer::id);
  };
  for (const catalog::Issuer& issuer : after) {
    const auto was = find(before, issuer.id);
    if (was == before.end()) {
      out.added.push_back(issuer.id);
    } else if (*was != issuer) {
      out.changed.push_back(issuer.id);
    }
  }
  for (const catalog::Issuer& issuer : before) {
    if (find(after, issuer.id) == after.end()) out.removed.push_back(issuer.id);
  }
  for (auto* names : {&out.added, &out.removed, &out.changed}) std::ranges::sort(*names);
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
    const NameChanges endpoints = changed_endpoints(before, after);
    const std::string& came = after.catalog->config_version;
    const std::string& went = before.catalog->config_version;
    if (came != went || !endpoints.empty()) {
      audit.record(audit::Record(now, "contract")
                       .text_or_null("came", came)
                       .text_or_null("went", went)
                       .list("added", endpoints.added)
                       .list("removed", endpoints.removed)
                       .list("changed", endpoints.changed));
    }
    if (const auto keys = catalog::changes_of(before.catalog->keys, after.catalog->keys); !keys.empty()) {
      audit.record(audit::Record(now, "keys")
                       .list("added", keys.added)
                       .list("removed", keys.removed)
                       .list("changed", keys.changed));
    }
    if (const auto issuers = changed_issuers(before.catalog->issuers, after.catalog->issuers);
        !issuers.empty()) {
      audit.record(audit::Record(now, "issuers")
                       .list("added", issuers.added)
                       .list("removed", issuers.removed)
                       .list("changed", issuers.changed));
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
