#include "offloader/snapshot_cache/marks.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "offloader/base/identifier.h"

namespace offloader::snapshot_cache {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;
constexpr std::size_t kMostFiles = 20;  // enough to identify the snapshot

json body(const std::string& tag, const std::vector<std::string>& files) {
  const auto end = files.begin() + static_cast<std::ptrdiff_t>(std::min(files.size(), kMostFiles));
  return {{"format", kFormat}, {"tag", tag}, {"files", std::vector<std::string>(files.begin(), end)}};
}

// A mark of another format version is treated as absent.
std::optional<json> parsed(std::string_view text) {
  json made = json::parse(text, nullptr, false);
  if (!made.is_object() || made.value("format", json()) != kFormat) return std::nullopt;
  return made;
}

}  // namespace

std::vector<JudgedMark> judge_left_marks(const std::vector<LeftMark>& left, std::size_t unreadable,
                                         SystemTime now) {
  const bool certain =
      left.size() + unreadable == 1 ||
      std::any_of(left.begin(), left.end(), [](const LeftMark& one) { return one.build.suspect; });
  std::vector<JudgedMark> judged;
  for (const LeftMark& one : left) {
    if (certain && left.size() > 1 && !one.build.suspect) continue;
    const bool again = one.before && one.before->tag == one.build.tag;
    const int before = again ? one.before->deaths : 0;
    judged.push_back({one.dataset,
                      {.tag = one.build.tag,
                       .files = one.build.files,
                       .deaths = certain ? before + 1 : before,
                       .at = now}});
  }
  return judged;
}

std::string to_json(const BuildMark& mark) {
  json made = body(mark.tag, mark.files);
  made["suspect"] = mark.suspect;
  return made.dump();
}

std::string to_json(const DeathMark& mark) {
  json made = body(mark.tag, mark.files);
  made["deaths"] = mark.deaths;
  made["at_micros"] = mark.at.time_since_epoch().count();
  return made.dump();
}

std::optional<BuildMark> parse_build_mark(std::string_view text) {
  const auto made = parsed(text);
  if (!made) return std::nullopt;
  try {
    return BuildMark{.tag = made->at("tag").get<std::string>(),
                     .files = made->at("files").get<std::vector<std::string>>(),
                     .suspect = made->at("suspect").get<bool>()};
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::optional<DeathMark> parse_death_mark(std::string_view text) {
  const auto made = parsed(text);
  if (!made) return std::nullopt;
  try {
    return DeathMark{.tag = made->at("tag").get<std::string>(),
                     .files = made->at("files").get<std::vector<std::string>>(),
                     .deaths = made->at("deaths").get<int>(),
                     .at = SystemTime{std::chrono::microseconds{made->at("at_micros").get<std::int64_t>()}}};
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::string quarantine_json(const std::string& snapshot_id) {
  return json{{"format", kFormat}, {"snapshot_id", snapshot_id}}.dump();
}

std::string parse_quarantine(std::string_view text) {
  const auto made = parsed(text);
  if (!made || !made->contains("snapshot_id") || !made->at("snapshot_id").is_string()) return {};
  const auto id = made->at("snapshot_id").get<std::string>();
  return is_snapshot_id(id) ? id : std::string();
}

}  // namespace offloader::snapshot_cache
