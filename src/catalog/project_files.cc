#include "project_files.h"

#include <algorithm>

#include "offloader/base/file.h"

namespace offloader::catalog {
namespace fs = std::filesystem;

std::optional<std::string> safe_path(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\0') != std::string_view::npos) return std::nullopt;
  std::string normal;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    at = end + 1;
    if (part == "..") return std::nullopt;
    if (part.empty() || part == ".") continue;
    if (!normal.empty()) normal += '/';
    normal += part;
  }
  return normal.empty() ? "." : normal;
}

bool is_yaml_name(std::string_view name) {
  // Hidden files belong to editors and volume mounts, not to the project.
  return !name.starts_with('.') && (name.ends_with(".yml") || name.ends_with(".yaml"));
}

DiskFiles::DiskFiles(fs::path root) : root_(std::move(root)) {
  std::error_code error;
  real_root_ = fs::canonical(root_, error);
}

bool DiskFiles::leaves_project(const std::string& name) const {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(root_ / name, error);
  if (error) return true;  // a cycle of links, or a folder without search permission
  const auto [in_root, in_real] =
      std::mismatch(real_root_.begin(), real_root_.end(), real.begin(), real.end());
  return in_root != real_root_.end();
}

ProjectFiles::Text DiskFiles::read(const std::string& name, std::size_t limit) const {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(root_ / name, error))) return {Outcome::missing, {}};
  if (leaves_project(name)) return {Outcome::unsafe, {}};
  auto bytes = read_file(root_ / name, limit);
  if (bytes) return {Outcome::ok, std::move(*bytes)};
  switch (bytes.error().code) {
    case ErrorCode::not_found:
      return {Outcome::missing, {}};
    case ErrorCode::too_large:
      return {Outcome::too_large, {}};
    default:
      return {Outcome::unreadable, {}};
  }
}

ProjectFiles::Listing DiskFiles::list(const std::string& folder) const {
  std::error_code error;
  if (!fs::is_directory(root_ / folder, error)) return {};
  if (leaves_project(folder)) return {Outcome::unsafe, {}};
  Listing listing{Outcome::ok, {}};
  fs::directory_iterator entries(root_ / folder, error);
  if (error) return {Outcome::unreadable, {}};
  for (; entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (is_yaml_name(name)) listing.names.push_back(folder == "." ? name : folder + "/" + name);
  }
  if (error) return {Outcome::unreadable, {}};
  std::sort(listing.names.begin(), listing.names.end());
  return listing;
}

ProjectFiles::Text MemoryFiles::read(const std::string& name, std::size_t limit) const {
  const auto found = files_.find(name);
  if (found == files_.end()) return {};
  if (found->second.size() > limit) return {Outcome::too_large, {}};
  return {Outcome::ok, found->second};
}

ProjectFiles::Listing MemoryFiles::list(const std::string& folder) const {
  const std::string prefix = folder == "." ? "" : folder + "/";
  Listing listing;
  for (auto it = files_.lower_bound(prefix); it != files_.end() && it->first.starts_with(prefix); ++it) {
    listing.outcome = Outcome::ok;
    const std::string_view rest = std::string_view(it->first).substr(prefix.size());
    if (rest.find('/') == std::string_view::npos && is_yaml_name(rest)) listing.names.push_back(it->first);
  }
  return listing;
}

}  // namespace offloader::catalog
