#include "diagnostics.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "offloader/base/timestamp.h"
#include "offloader/base/url_text.h"

namespace offloader::admin {
namespace {

using Json = nlohmann::ordered_json;

// Messages may quote what a source sent: bytes that are not UTF-8 must not break the answer.
std::string serialized(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json time_json(const std::optional<SystemTime>& time) {
  return time ? Json(to_rfc3339(*time)) : Json(nullptr);
}

// A watermark ahead of this machine's clock is of age 0.
std::int64_t whole_seconds(double seconds) {
  return static_cast<std::int64_t>(std::floor(std::max(0.0, seconds)));
}

Json findings_json(const catalog::Findings& findings) {
  Json out = Json::array();
  for (const catalog::Finding& finding : findings) {
    Json one = {{"file", without_query(finding.file)},
                {"line", finding.line},
                {"path", finding.path},
                {"code", finding.code},
                {"severity", finding.severity == catalog::Severity::error ? "error" : "warning"},
                {"message", without_url_queries(finding.message)}};
    if (!finding.hint.empty()) one["hint"] = finding.hint;
    out.push_back(std::move(one));
  }
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

Json index_json(const engine::IndexStatus& index) {
  using State = engine::IndexStatus::State;
  if (index.state == State::none) return nullptr;
  const char* state = index.state == State::ready      ? "ready"
                      : index.state == State::building ? "building"
                                                       : "failed";
  return {{"state", state}, {"reason", or_null(index.reason)}};
}

Json dataset_json(const refresh::DatasetStatus& dataset) {
  return {{"dataset", dataset.dataset},
          {"source", dataset.source},
          {"endpoints", dataset.endpoints},
          {"active_snapshot", snapshot_json(dataset.active)},
          {"last_good_snapshot_id", dataset.active ? Json(dataset.active->snapshot_id) : Json(nullptr)},
          {"previous_snapshot", snapshot_json(dataset.previous)},
          {"quarantined_snapshot_id", or_null(dataset.quarantined_snapshot_id)},
          {"last_attempted", attempt_json(dataset.last_attempted)},
          {"refresh_error", or_null(dataset.refresh_error)},
          {"findings", findings_json(dataset.findings)},
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
          {"error", or_null(sync.error)},
          {"last_checked", time_json(sync.last_checked)},
          {"last_applied", time_json(sync.last_applied)},
          {"findings", findings_json(sync.findings)}};
}

}  // namespace

std::string diagnostics_json(const Facts& facts) {
  const PoolFacts& pool = facts.pool;
  Json datasets = Json::array();
  for (const refresh::DatasetStatus& dataset : facts.refresh.datasets)
    datasets.push_back(dataset_json(dataset));
  const Json out = {{"build_version", facts.build_version},
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
                    {"datasets", std::move(datasets)}};
  return serialized(out);
}

std::string to_json(const refresh::RefreshReport& report) {
  return serialized({{"dataset", report.dataset},
                     {"status", refresh::name_of(report.status)},
                     {"snapshot_id", or_null(report.snapshot_id)},
                     {"error", or_null(report.error)},
                     {"findings", findings_json(report.findings)},
                     {"duration_ms", report.duration_ms}});
}

std::string to_json(const refresh::ReloadReport& report) {
  const bool applied = report.result == refresh::ReloadReport::Result::applied;
  return serialized({{"result", applied ? "applied" : "unchanged"}});
}

std::string invalid_config_body(const refresh::ReloadReport& report, std::string_view request_id) {
  return serialized({{"error", {{"family", "invalid_config"}, {"message", report.error}}},
                     {"findings", findings_json(report.findings)},
                     {"meta", {{"request_id", request_id}}}});
}

std::string to_json(const refresh::RollbackReport& report) {
  return serialized({{"dataset", report.dataset},
                     {"active_snapshot", report.active_snapshot},
                     {"previous_snapshot", or_null(report.previous_snapshot)},
                     {"quarantined_snapshot_id", or_null(report.quarantined_snapshot_id)}});
}

}  // namespace offloader::admin
