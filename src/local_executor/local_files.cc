#include "local_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <set>
#include <system_error>

#include "offloader/base/ascii.h"
#include "offloader/base/file.h"
#include "offloader/base/identifier.h"

namespace offloader::local_executor {
namespace {

namespace fs = std::filesystem;
using executor::Found;

constexpr std::string_view kPartialPrefix = ".partial-";
constexpr std::string_view kDamaged = ".corrupt";

// An error that tells the operator what to do about a cache folder that cannot be written. Keeps the detail.
tl::unexpected<Error> cannot_write(const Error& error) {
  const ErrorCode code = error.code == ErrorCode::no_space ? error.code : ErrorCode::unavailable;
  return fail(
      code, "The cache folder cannot be written. Check the permissions and the disk of OFFLOADER_CACHE_DIR.",
      error.detail);
}

// Renames a file within the opened folder, even if the folder's path leads elsewhere by now.
Result<void> rename_in(const OwnedFolder& folder, const std::string& from, const std::string& to) {
  if (::renameat(folder.descriptor(), from.c_str(), folder.descriptor(), to.c_str()) == 0) return {};
  const int number = errno;
  const ErrorCode code = number == ENOSPC   ? ErrorCode::no_space
                         : number == ENOENT ? ErrorCode::not_found
                                            : ErrorCode::unavailable;
  return fail(code, {}, fmt::format("rename {}: {}", from, std::generic_category().message(number)));
}

// Whether `name` is `{snapshot}.{build}`, the form of the names under which snapshots are loaded.
bool is_handle(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const std::string_view build = name.substr(dot + 1);
  return !build.empty() && std::ranges::all_of(build, ascii::is_lower_hex) &&
         is_snapshot_id(name.substr(0, dot));
}

// Whether `name` is `{handle}.{kind}`, possibly with a suffix of an unfinished or a damaged file, or begins
// with the prefix of partial files.
bool is_snapshot_file(std::string_view name) {
  if (name.starts_with(kPartialPrefix)) return true;
  return std::ranges::any_of(std::array<std::string_view, 3>{".duckdb", ".index", ".rollup"}, [&](auto kind) {
    const auto at = name.rfind(kind);
    if (at == std::string_view::npos || !is_handle(name.substr(0, at))) return false;
    const std::string_view rest = name.substr(at + kind.size());
    return rest.empty() || rest.front() == '.';
  });
}

Found presence_of(const OwnedFolder& folder, const std::string& file, std::uint64_t bytes) {
  struct stat status {};
  if (::fstatat(folder.descriptor(), file.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? Found::missing : Found::unreadable;
  if (!S_ISREG(status.st_mode)) return Found::missing;
  return static_cast<std::uint64_t>(status.st_size) == bytes ? Found::sound : Found::damaged;
}

}  // namespace

SnapshotFiles LocalFiles::place(const std::string& dataset, const std::string& handle) const {
  return {root_ / dataset / handle};
}

SnapshotFiles LocalFiles::partial(const std::string& dataset, const std::string& name) const {
  return {root_ / dataset / fmt::format("{}{}", kPartialPrefix, name)};
}

Result<void> LocalFiles::prepare(const std::string& dataset) const {
  const auto root = OwnedFolder::open(root_);
  if (!root) return cannot_write(root.error());
  const auto made = root->make_below(dataset);
  if (!made) return cannot_write(made.error());
  return {};
}

Result<void> LocalFiles::publish(const std::string& dataset, const std::string& name) const {
  const auto folder = folder_of(dataset);
  if (!folder) return cannot_write(folder.error());
  const SnapshotFiles from = partial(dataset, name);
  const SnapshotFiles to = place(dataset, name);
  // The index comes first, since the database file makes the snapshot complete. A snapshot may have no index.
  if (auto renamed = rename_in(*folder, from.index().filename(), to.index().filename());
      !renamed && renamed.error().code != ErrorCode::not_found)
    return cannot_write(renamed.error());
  if (auto renamed = rename_in(*folder, from.database().filename(), to.database().filename()); !renamed)
    return cannot_write(renamed.error());
  return sync_path(root_ / dataset);
}

void LocalFiles::remove_partial(const std::string& dataset, const std::string& name) const {
  const std::string prefix = fmt::format("{}{}.", kPartialPrefix, name);
  const auto folder = folder_of(dataset);
  const auto entries = folder ? folder->entries() : fail(folder.error());
  if (!entries) return;
  for (const auto& [file, kind] : *entries) {
    if (kind != OwnedFolder::Kind::folder && file.starts_with(prefix)) folder->remove(file);
  }
}

std::vector<Found> LocalFiles::recover(const std::string& dataset,
                                       std::span<const executor::Stored> known) const {
  std::vector<Found> found(known.size(), Found::missing);
  const auto folder = folder_of(dataset);
  const auto entries = folder ? folder->entries() : fail(folder.error());
  if (!entries) {
    const bool missing = entries.error().code == ErrorCode::not_found;
    if (!missing) std::ranges::fill(found, Found::unreadable);
    return found;
  }
  std::set<std::string, std::less<>> kept;
  for (std::size_t i = 0; i < known.size(); ++i) {
    const SnapshotFiles files = place(dataset, known[i].handle);
    const std::string database = files.database().filename().string();
    found[i] = presence_of(*folder, database, known[i].bytes);
    if (found[i] == Found::damaged) set_aside(dataset, known[i].handle);
    if (found[i] != Found::sound && found[i] != Found::unreadable) continue;
    kept.insert(database);
    kept.insert(files.index().filename().string());
  }
  for (const auto& [name, kind] : *entries) {
    if (kind != OwnedFolder::Kind::folder && is_snapshot_file(name) && !kept.contains(name) &&
        !name.ends_with(kDamaged))
      folder->remove(name);
  }
  return found;
}

void LocalFiles::drop(const std::string& dataset, const std::string& handle) const {
  const auto folder = folder_of(dataset);
  if (!folder) return;
  const SnapshotFiles files = place(dataset, handle);
  folder->remove(files.database().filename());
  folder->remove(files.index().filename());
}

void LocalFiles::set_aside(const std::string& dataset, const std::string& handle) const {
  const auto folder = folder_of(dataset);
  if (!folder) return;
  // Keep at most one damaged database. If the folder cannot be listed, the earlier one stays as well.
  if (const auto entries = folder->entries()) {
    for (const auto& [name, kind] : *entries) {
      if (kind != OwnedFolder::Kind::folder && name.ends_with(kDamaged) && is_snapshot_file(name))
        folder->remove(name);
    }
  }
  const SnapshotFiles files = place(dataset, handle);
  const std::string database = files.database().filename();
  static_cast<void>(
      rename_in(*folder, database, database + std::string(kDamaged)));  // if it fails, the file stays
  folder->remove(files.index().filename());
}

Result<OwnedFolder> LocalFiles::folder_of(const std::string& dataset) const {
  const auto root = OwnedFolder::open(root_);
  return root ? root->open_below(dataset) : fail(root.error());
}

}  // namespace offloader::local_executor
