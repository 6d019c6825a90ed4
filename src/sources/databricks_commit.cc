#include "databricks_commit.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "offloader/base/identifier.h"

namespace offloader::sources {
namespace {

constexpr std::string_view kCommitted = "_committed_";
constexpr std::size_t kMaxFiles = 100'000;
constexpr std::size_t kMaxNameBytes = 1024;

// Whether the name refers to an object in the same folder as the commit.
bool is_plain_name(const std::string& name) {
  if (name.empty() || name.size() > kMaxNameBytes || name == "." || name == "..") return false;
  return std::none_of(name.begin(), name.end(),
                      [](char c) { return c == '/' || static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace

Result<std::vector<std::string>> parse_databricks_commit(std::string_view json) {
  // The callback limits the nesting depth. A valid commit is an object that contains two lists.
  const auto shallow = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) { return depth <= 4; };
  const nlohmann::json commit = nlohmann::json::parse(json, shallow, false);
  if (!commit.is_object()) return fail(ErrorCode::rejected, "the commit is not a JSON object");
  const auto added = commit.find("added");
  if (added == commit.end() || !added->is_array())
    return fail(ErrorCode::rejected, "the commit has no list `added`");
  if (added->size() > kMaxFiles) return fail(ErrorCode::rejected, "the commit lists more than 100,000 files");
  std::vector<std::string> names;
  for (const nlohmann::json& entry : *added) {
    if (!entry.is_string() || !is_plain_name(entry.get_ref<const std::string&>())) {
      return fail(ErrorCode::rejected,
                  fmt::format("`added[{}]` in the commit is not a plain file name", names.size()));
    }
    names.push_back(entry.get<std::string>());
  }
  return names;
}

std::vector<DatabricksCommit> databricks_commits(const std::vector<object_store::ObjectInfo>& listing,
                                                 const std::string& prefix_url) {
  std::vector<DatabricksCommit> commits;
  for (const object_store::ObjectInfo& object : listing) {
    if (!object.url.starts_with(prefix_url)) continue;
    const std::string name = object.url.substr(prefix_url.size());
    if (!name.starts_with(kCommitted)) continue;
    std::string tid = name.substr(kCommitted.size());
    if (tid.starts_with("vacuum") || !is_snapshot_id("tid_" + tid)) continue;
    commits.push_back({.tid = std::move(tid), .object = object});
  }
  std::sort(commits.begin(), commits.end(), [](const DatabricksCommit& a, const DatabricksCommit& b) {
    if (a.object.modified != b.object.modified) return a.object.modified > b.object.modified;
    return a.tid > b.tid;
  });
  return commits;
}

}  // namespace offloader::sources
