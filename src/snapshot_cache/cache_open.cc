#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "cache_names.h"
#include "cache_writes.h"
#include "excused_builds.h"
#include "offloader/base/ascii.h"
#include "offloader/base/descriptor.h"
#include "offloader/base/file.h"
#include "offloader/base/identifier.h"
#include "offloader/base/owned_folder.h"
#include "offloader/snapshot_cache/cache_folder.h"

// Opening a cache folder: checks that it is one, locks it, and brings it to the current format.
namespace offloader::snapshot_cache {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kVersion = "3";
// All format versions so far. 1: files of DuckDB 1.4; the quarantine was kept only in each dataset's state.
// 2: records that referred to files.
constexpr std::array<std::string_view, 3> kVersions{"1", "2", "3"};

// Returns the content of VERSION; empty if it is missing. Errors: `unavailable` if it cannot be read now.
Result<std::string> stated_version(const OwnedFolder& folder) {
  auto text = folder.read("VERSION", 64);
  if (!text && text.error().code == ErrorCode::unavailable) return text;
  std::string version = text.value_or("");
  if (version.ends_with('\n')) version.pop_back();
  return version;
}

// Returns the content of VERSION; empty when it is missing or not a known version.
std::string version_of(const OwnedFolder& folder) {
  const std::string text = stated_version(folder).value_or("");
  return std::find(kVersions.begin(), kVersions.end(), text) != kVersions.end() ? text : std::string();
}

// Returns the name of an entry which shows that a folder without a VERSION belongs to somebody else; empty
// when it may become a cache folder.
std::string foreign_entry(const OwnedFolder& folder) {
  const auto entries = folder.entries();
  if (!entries) return "entries that cannot be listed";
  for (const auto& [name, kind] : *entries) {
    if (name == "LOCK" || name.starts_with("VERSION.") || name == "lost+found" || name.front() == '.')
      continue;
    if (name == "datasets" || name == "config" || name == "tmp") {
      const auto below = folder.open_below(name);
      const auto inside = below ? below->entries() : fail(below.error());
      if (inside && inside->empty()) continue;
    }
    return name;
  }
  return {};
}

// Returns the error message for a folder that is not a cache folder and may not become one; empty when it
// may.
std::string refusal_of(const OwnedFolder& folder, const fs::path& root) {
  const std::string foreign = foreign_entry(folder);
  if (foreign.empty()) return {};
  if (const std::string version = stated_version(folder).value_or("");
      version.size() == 1 && ascii::is_digit(version[0]) && version > kVersion) {
    return fmt::format(
        "{} may be the cache folder of a newer Offloader: its format is {}, and this version knows formats "
        "up to {}. Set OFFLOADER_CACHE_DIR to an empty folder. Nothing in it was changed.",
        root.string(), version, kVersion);
  }
  return fmt::format(
      "{} is not an Offloader cache folder: it contains {}. Set OFFLOADER_CACHE_DIR to an empty folder, or "
      "to one that Offloader created. Nothing in it was changed.",
      root.string(), foreign);
}

Result<void> make_root(const fs::path& root) {
  std::error_code error;
  if (fs::create_directories(root, error) && !error) fs::permissions(root, fs::perms(0750), error);
  if (error || ::access(root.c_str(), W_OK | X_OK) != 0) {
    if (!error) error = {errno, std::generic_category()};
    const bool full = error == std::errc::no_space_on_device;
    return cannot_write({full ? ErrorCode::no_space : ErrorCode::unavailable,
                         {},
                         fmt::format("create {}: {}", root.string(), error.message())});
  }
  return {};
}

Result<Descriptor> take_lock(const OwnedFolder& folder, const fs::path& root) {
  Descriptor lock(
      ::openat(folder.descriptor(), "LOCK", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0640));
  if (!lock.valid())
    return cannot_write({ErrorCode::unavailable, {}, std::string("open LOCK: ") + std::strerror(errno)});
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::conflict,
                "another Offloader process is using this cache folder: give each process its own "
                "OFFLOADER_CACHE_DIR",
                (root / "LOCK").string());
  }
  return lock;
}

Result<void> write_version(const fs::path& root) {
  return done_or_said(write_file_atomically(root / "VERSION", fmt::format("{}\n", kVersion)));
}

// Removes temporary files of interrupted mark writes, of every dataset.
void remove_half_marks(const OwnedFolder& marks) {
  const auto entries = marks.entries();
  if (!entries) return;
  for (const auto& entry : *entries) {
    if (is_mark(without_temporary_ending(entry.name))) marks.remove(entry.name);
  }
}

// Returns the quarantined id from a state file of any format version; empty if there is none. Fails if the
// file may be read later.
Result<std::string> quarantine_of(const OwnedFolder& dataset) {
  const auto text = dataset.read(std::string(kStateName), 1 << 20);
  if (!text && text.error().code == ErrorCode::unavailable) return fail(text.error());
  const auto json = nlohmann::json::parse(text.value_or(""), nullptr, false);
  if (!json.is_object() || !json.contains("quarantined") || !json["quarantined"].is_string())
    return std::string();
  const auto id = json["quarantined"].get<std::string>();
  return is_snapshot_id(id) ? id : std::string();
}

}  // namespace

CacheFolder::CacheFolder(fs::path root, OwnedFolder folder, Descriptor lock)
    : root_(std::move(root)),
      handle_(std::make_unique<const OwnedFolder>(std::move(folder))),
      excused_(std::make_unique<Excused>()),
      lock_(std::move(lock)) {}

CacheFolder::CacheFolder(CacheFolder&& other) noexcept = default;
CacheFolder::~CacheFolder() = default;

std::string CacheFolder::refusal(const fs::path& root) {
  const auto handle = OwnedFolder::open(root);
  if (!handle || !version_of(*handle).empty()) return {};
  return refusal_of(*handle, root);
}

Result<CacheFolder> CacheFolder::open(const fs::path& root) {
  if (auto made = make_root(root); !made) return fail(made.error());
  auto handle = OwnedFolder::open(root);
  if (!handle) return cannot_write(handle.error());
  if (version_of(*handle).empty()) {
    if (auto foreign = refusal_of(*handle, root); !foreign.empty())
      return fail(ErrorCode::invalid_config, std::move(foreign));
    if (auto done = write_version(root); !done) return fail(done.error());
  }
  auto lock = take_lock(*handle, root);
  if (!lock) return fail(lock.error());
  CacheFolder folder(root, std::move(*handle), std::move(*lock));
  // Read with the lock held: another process may have changed the format meanwhile.
  const auto version = stated_version(*folder.handle_);
  if (!version) return cannot_write(version.error());
  if (*version != kVersion) {
    if (auto renewed = folder.renew_format(); !renewed) return fail(renewed.error());
  }
  if (auto done = folder.lay_out(); !done) return fail(done.error());
  return folder;
}

Result<void> CacheFolder::lay_out() const {
  const auto entries = handle_->entries();
  if (!entries) return cannot_write(entries.error());
  for (const auto& entry : *entries) {
    // The temporary file of a VERSION, from a process that was killed while writing it.
    if (without_temporary_ending(entry.name) == "VERSION") handle_->remove(entry.name);
  }
  for (const char* name : {"datasets", "config", "tmp", "exports", "marks", "usage"}) {
    const auto made = handle_->make_below(name);
    if (!made && made.error().code == ErrorCode::conflict) {
      return fail(
          ErrorCode::invalid_config,
          fmt::format("{} is a symbolic link or not a folder: replace it with a folder, or mount the disk "
                      "there (symbolic links are not followed)",
                      (root_ / name).string()));
    }
    if (!made) return cannot_write(made.error());
    if (name == std::string_view("tmp") || name == std::string_view("exports")) made->remove_everything();
    if (name == std::string_view("marks")) remove_half_marks(*made);
  }
  return {};
}

Result<void> CacheFolder::renew_format() const {
  const auto datasets = handle_->open_below("datasets");
  const auto entries = datasets ? datasets->entries() : fail(datasets.error());
  // Files of the old format would be left behind under the new version.
  if (!entries && entries.error().code == ErrorCode::unavailable) return cannot_write(entries.error());
  if (entries) {
    for (const auto& [name, kind] : *entries) {
      if (kind != OwnedFolder::Kind::folder || !is_identifier(name)) continue;
      const auto dataset = datasets->open_below(name);
      const auto quarantined = dataset ? quarantine_of(*dataset) : fail(dataset.error());
      if (!quarantined) return cannot_write(quarantined.error());  // it would be lost
      if (!quarantined->empty()) {
        if (auto marked = write_quarantine(name, *quarantined); !marked) return marked;
      }
      clear_dataset(*datasets, name);
    }
  }
  // Written last: after a crash before this point, the next start repeats the conversion.
  return write_version(root_);
}

}  // namespace offloader::snapshot_cache
