#include "keys_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "console.h"
#include "offloader/base/file.h"
#include "offloader/catalog/key_changes.h"
#include "offloader/catalog/load.h"

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxBytes = 32U << 20;
constexpr int kLockTries = 100;
constexpr std::chrono::milliseconds kLockPause{100};

// Where a keys file is, and the project that it belongs to.
struct Location {
  fs::path path;
  std::string shown;
  catalog::LoadedProject project{};  // without texts if the file belongs to none
  std::string entry{};               // of the project
  std::string name{};                // of the file in the project; empty: it belongs to none
};

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::weakly_canonical(a, error) == fs::weakly_canonical(b, error);
}

Result<Location> locate(const World& world, const KeysFileFlags& flags) {
  const fs::path config = local_config_of(world, flags.config);
  std::error_code error;
  Location out{.path = flags.file, .shown = flags.file};
  if (fs::exists(config, error)) {
    out.project = catalog::load_project(config);
    out.name = out.project.texts->keys_file;
    out.entry =
        fs::is_directory(config, error)
            ? (out.project.texts->files.contains("offloader.yml") ? "offloader.yml" : "offloader.yaml")
            : config.filename().string();
  }
  const fs::path of_project = out.project.root / out.name;
  if (flags.file.empty()) {
    if (out.name.empty()) {
      return fail(
          ErrorCode::not_found,
          fs::exists(config, error)
              ? config.string() + " names no keys file: write `keys: keys/keys.yml` in it, or give the file"
              : config.string() + " does not exist: give a project with --config, or the keys file");
    }
    out.path = of_project;
    out.shown = of_project.string();
  } else if (out.name.empty() || !same_file(of_project, flags.file)) {
    out.name.clear();
  }
  // A link is followed, so that the file behind it is replaced, and not the link.
  if (const fs::path real = fs::weakly_canonical(out.path, error); !error) out.path = real;
  return out;
}

// A project names its file in one way, wherever it is. The name also tells NDJSON from YAML.
const std::string& name_in_findings(const Location& location) {
  return location.name.empty() ? location.shown : location.name;
}

Error of_file(const Location& location, Error error) {
  error.message = location.shown + ": " + error.message;
  return error;
}

// Opens and locks the file. Another command may replace it meanwhile, so the lock counts only if the path
// still leads to the locked file.
Result<Descriptor> lock(const fs::path& path) {
  for (int i = 0; i < kLockTries; ++i) {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.valid()) return fail(ErrorCode::unavailable, "the file cannot be opened");
    struct stat opened {};
    struct stat there {};
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0 && ::fstat(file.get(), &opened) == 0 &&
        ::stat(path.c_str(), &there) == 0 && opened.st_ino == there.st_ino && opened.st_dev == there.st_dev)
      return file;
    std::this_thread::sleep_for(kLockPause);
  }
  return fail(ErrorCode::busy, "another command is changing the file");
}

catalog::Findings errors_in(const catalog::Findings& findings, const std::string& file) {
  catalog::Findings out;
  std::ranges::copy_if(findings, std::back_inserter(out), [&](const catalog::Finding& finding) {
    return finding.file == file && finding.severity == catalog::Severity::error;
  });
  return out;
}

}  // namespace

Result<KeysFile> KeysFile::open(const World& world, const KeysFileFlags& flags, bool create) {
  auto location = locate(world, flags);
  if (!location) return fail(location.error());
  std::error_code error;
  const bool exists = fs::exists(location->path, error);
  if (!exists && fs::is_symlink(fs::symlink_status(location->path, error))) {
    return fail(ErrorCode::not_found,
                location->shown + " is a link to a file that does not exist: create that file, or name it");
  }
  Descriptor locked;
  std::string before;
  if (exists || !create) {
    auto lock_of = lock(location->path);
    if (!lock_of) return fail(of_file(*location, lock_of.error()));
    locked = std::move(*lock_of);
    auto bytes = read_file(location->path, kMaxBytes);
    if (!bytes) return fail(of_file(*location, bytes.error()));
    before = std::move(*bytes);
  }
  const std::string& name = name_in_findings(*location);
  auto text = catalog::KeysText::parse(before, name);
  if (!text) return fail(of_file(*location, text.error()));
  KeysFile out(std::move(*text));
  out.path_ = location->path;
  out.shown_ = location->shown;
  out.name_in_findings_ = name;
  out.before_ = std::move(before);
  out.exists_ = exists;
  out.lock_ = std::move(locked);
  if (!location->name.empty()) {
    out.check_project_ = [files = location->project.texts->files, entry = location->entry,
                          name](const std::string& after) {
      auto changed = files;
      changed[name] = after;
      return errors_in(catalog::load_project_files(std::move(changed), entry).findings, name);
    };
  }
  return out;
}

Result<void> KeysFile::check(const std::string& text, const std::string& id) const {
  const std::string& name = name_in_findings_;
  const catalog::CheckedKeys after = catalog::check_keys(text, name);
  catalog::Findings errors = errors_in(after.findings, name);
  if (errors.empty() && check_project_) errors = check_project_(text);
  if (!errors.empty()) {
    return fail(ErrorCode::invalid_config,
                shown_ + " was not changed, because it would have errors:\n" + catalog::to_text(errors));
  }
  const catalog::KeyChanges changes =
      catalog::changes_of(catalog::check_keys(before_, name).keys, after.keys);
  const auto only = [&](const std::vector<std::string>& ids) {
    return std::ranges::all_of(ids, [&](const std::string& changed) { return changed == id; });
  };
  if (!only(changes.added) || !only(changes.changed) || !changes.removed.empty()) {
    return fail(ErrorCode::conflict,
                shown_ + " was not changed, because its form makes this edit unsafe: edit it by hand");
  }
  return {};
}

Result<void> KeysFile::replace(const std::string& text, const std::string& id) const {
  if (auto good = check(text, id); !good) return good;
  if (text == before_) return {};
  if (!exists_) {
    if (auto made = create_folders(path_.parent_path()); !made) return made;
  }
  auto written = exists_ ? replace_file(path_, text) : write_file_atomically(path_, text, FileMode::secret);
  if (!written)
    return fail(written.error().code, shown_ + ": " + written.error().message, written.error().detail);
  return {};
}

Result<ListedKeys> read_keys_file(const World& world, const KeysFileFlags& flags) {
  auto location = locate(world, flags);
  if (!location) return fail(location.error());
  auto bytes = read_file(location->path, kMaxBytes);
  if (!bytes) return fail(of_file(*location, bytes.error()));
  catalog::CheckedKeys checked = catalog::check_keys(*bytes, name_in_findings(*location));
  return ListedKeys{std::move(checked.keys), std::move(checked.findings), location->shown};
}

}  // namespace offloader::cli
