#include "diagnostics.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "offloader/base/timestamp.h"
#include "offloader/base/url_text.h"
#include "offloader/base/utf8.h"
#include "offloader/catalog/finding_list.h"

namespace offloader::admin {
namespace {

using Json = nlohmann::ordered_json;

// Messages may quote bytes of a source that are not UTF-8, and these must not break the response, so they are
// replaced.
std::string serialized(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json time_json(const std::optional<SystemTime>& time) {
  return time ? Json(to_rfc3339(*time)) : Json(nullptr);
}

// A watermark that is ahead of the clock of this machine has age 0.
std::int64_t whole_seconds(double seconds) {
  return static_cast<std::int64_t>(std::floor(std::max(0.0, seconds)));
}

constexpr std::size_t kMaxDiagnostics = 4U << 20;
constexpr std::size_t kMaxError = 1'000;

Json finding_json(const catalog::Finding& finding) {
  Json out = {{"file", without_query(finding.file)},
              {"line", finding.line},
              {"path", finding.path},
              {"code", finding.code},
              {"severity", finding.severity == catalog::Severity::error ? "error" : "warning"},
              {"message", without_url_queries(finding.message)}};
  if (!finding.hint.empty()) out["hint"] = finding.hint;
  return out;
}

Json findings_json(const catalog::Findings& findings) {
  Json out = Json::array();
  for (const catalog::Finding& finding : findings) out.push_back(finding_json(finding));
  return out;
}

// Returns as many findings as fit into `room` bytes, and reduces `room` by their size. The others are counted
// in a last finding.
Json findings_within(const catalog::Findings& findings, std::size_t& room) {
  Json out = Json::array();
  catalog::FindingList rest;
  for (const catalog::Finding& finding : findings) {
    Json one = finding_json(finding);
    const std::size_t bytes = serialized(one).size() + 1;
    if (bytes <= room && rest.errors() == 0) {
      room -= bytes;
      out.push_back(std::move(one));
    } else {
      catalog::Finding omitted = finding;
      omitted.omitted = std::max<std::size_t>(finding.omitted, 1);
      rest.add(std::move(omitted));
    }
  }
  for (const catalog::Finding& finding : rest.take()) out.push_back(finding_json(finding));
  return out;
}

Json snapshot_json(const std::optional<refresh::SnapshotStatus>& snapshot) {
  if (!snapshot) return nullptr;
  return {{"snapshot_id", snapshot->snapshot_id},
          {"watermark", snapshot->watermark},
          {"age_seconds", whole_seconds(snapshot->age_seconds)},
          {"rows", snapshot->rows},
          {"bytes", snapshot->bytes},
          {"data_quality_status", snapshot->data_quality_status},
          {"activated_at", to_rfc3339(snapshot->activated_at)}};
}

Json attempt_json(const std::optional<refresh::AttemptStatus>& attempt) {
  if (!attempt) return nullptr;
  return {{"snapshot_id", or_null(attempt->snapshot_id)},
          {"status", refresh::name_of(attempt->status)},
          {"at", to_rfc3339(attempt->at)},
          {"duration_ms", attempt->duration_ms}};
}

Json building_json(const std::optional<refresh::BuildStatus>& building) {
  if (!building) return nullptr;
  return {{"snapshot_id", building->snapshot_id}, {"progress", building->progress}};
}

Json index_json(const executor::IndexStatus& index) {
  using State = executor::IndexStatus::State;
  if (index.state == State::none) return nullptr;
  const char* state = index.state == State::ready      ? "ready"
                      : index.state == State::building ? "building"
                                                       : "failed";
  return {{"state", state}, {"reason", or_null(index.reason)}};
}

// Leaves the findings empty; fill_within_bound() adds them.
Json dataset_json(const refresh::DatasetStatus& dataset) {
  return {{"dataset", dataset.dataset},
          {"source", dataset.source},
          {"endpoints", dataset.endpoints},
          {"active_snapshot", snapshot_json(dataset.active)},
          {"last_good_snapshot_id", dataset.active ? Json(dataset.active->snapshot_id) : Json(nullptr)},
          {"previous_snapshot", snapshot_json(dataset.previous)},
          {"quarantined_snapshot_id", or_null(dataset.quarantined_snapshot_id)},
          {"last_attempted", attempt_json(dataset.last_attempted)},
          {"refresh_error", or_null(shortened(dataset.refresh_error, kMaxError))},
          {"findings", Json::array()},
          {"findings_total", catalog::count_findings(dataset.findings).total()},
          {"source_reachable", dataset.source_reachable},
          {"manifest_valid", dataset.manifest_valid},
          {"stale", dataset.stale},
          {"next_attempt_at", time_json(dataset.next_attempt_at)},
          {"building", building_json(dataset.building)},
          {"index", index_json(dataset.index)}};
}

Json config_sync_json(const refresh::ConfigSyncStatus& sync) {
  return {{"enabled", sync.enabled},
          {"result", sync.result},
          {"error", or_null(shortened(sync.error, kMaxError))},
          {"last_checked", time_json(sync.last_checked)},
          {"last_applied", time_json(sync.last_applied)},
          {"findings", Json::array()},
          {"findings_total", catalog::count_findings(sync.findings).total()}};
}

// Adds as many findings as fit into kMaxDiagnostics. Each part with findings gets an equal share of the room,
// and what it does not use goes to the parts after it. Datasets that do not fit even without findings are
// left out and counted.
void fill_within_bound(const refresh::RefreshStatus& status, Json& out) {
  constexpr std::size_t kNote = 600;  // most bytes that a count of omitted findings takes
  Json& datasets = out["datasets"];
  std::size_t used = serialized(out).size() + kNote;
  std::size_t kept = 0;
  std::vector<std::pair<Json*, const catalog::Findings*>> parts;
  if (!status.config_sync.findings.empty()) {
    parts.emplace_back(&out["config_sync"]["findings"], &status.config_sync.findings);
    used += 2 * kNote;
  }
  datasets.get_ref<Json::array_t&>().reserve(status.datasets.size());  // `parts` points into it
  for (const refresh::DatasetStatus& dataset : status.datasets) {
    Json one = dataset_json(dataset);
    const std::size_t bytes = serialized(one).size() + 1 + (dataset.findings.empty() ? 0 : 2 * kNote);
    if (used + bytes > kMaxDiagnostics) break;
    used += bytes;
    ++kept;
    datasets.push_back(std::move(one));
    if (!dataset.findings.empty()) parts.emplace_back(&datasets.back()["findings"], &dataset.findings);
  }
  if (kept < status.datasets.size()) out["datasets_omitted"] = status.datasets.size() - kept;
  std::size_t room = kMaxDiagnostics - std::min(used, kMaxDiagnostics);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t share = room / (parts.size() - i);
    std::size_t left = share;
    *parts[i].first = findings_within(*parts[i].second, left);
    room -= share - left;
  }
}

}  // namespace

std::string diagnostics_json(const Facts& facts) {
  const PoolFacts& pool = facts.pool;
  Json out = {{"build_version", facts.build_version},
              {"config_version", facts.config_version},
              {"object_store_mode", or_null(facts.object_store_mode)},
              {"started_at", to_rfc3339(facts.started_at)},
              {"duckdb_status", facts.duckdb_ok ? "ok" : "error"},
              {"duckdb_version", facts.duckdb_version},
              {"ready", facts.ready},
              {"pool",
               {{"connections", pool.connections},
                {"busy", pool.busy},
                {"waiting", pool.waiting},
                {"saturated", pool.connections > 0 && pool.busy >= pool.connections},
                {"remote_cap", pool.remote_cap}}},
              {"disk",
               {{"cache_dir_free_bytes", facts.cache_dir_free_bytes},
                {"cache_dir_used_bytes", facts.cache_dir_used_bytes}}},
              {"memory",
               {{"rss_bytes", facts.rss_bytes},
                {"duckdb_bytes", facts.duckdb_bytes},
                {"response_cache_bytes", facts.response_cache_bytes}}},
              {"config_sync", config_sync_json(facts.refresh.config_sync)},
              {"datasets", Json::array()}};
  fill_within_bound(facts.refresh, out);
  return serialized(out);
}

std::string to_json(const refresh::RefreshReport& report) {
  return serialized({{"dataset", report.dataset},
                     {"status", refresh::name_of(report.status)},
                     {"snapshot_id", or_null(report.snapshot_id)},
                     {"error", or_null(report.error)},
                     {"findings", findings_json(report.findings)},
                     {"findings_total", catalog::count_findings(report.findings).total()},
                     {"duration_ms", report.duration_ms}});
}

std::string to_json(const refresh::ReloadReport& report) {
  const bool applied = report.result == refresh::ReloadReport::Result::applied;
  return serialized({{"result", applied ? "applied" : "unchanged"}});
}

std::string invalid_config_body(const refresh::ReloadReport& report, std::string_view request_id) {
  return serialized({{"error", {{"family", "invalid_config"}, {"message", report.error}}},
                     {"findings", findings_json(report.findings)},
                     {"findings_total", catalog::count_findings(report.findings).total()},
                     {"meta", {{"request_id", request_id}}}});
}

std::string to_json(const refresh::RollbackReport& report) {
  return serialized({{"dataset", report.dataset},
                     {"active_snapshot", report.active_snapshot},
                     {"previous_snapshot", or_null(report.previous_snapshot)},
                     {"quarantined_snapshot_id", or_null(report.quarantined_snapshot_id)}});
}

}  // namespace offloader::admin
