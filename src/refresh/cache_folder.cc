#include "offloader/refresh/cache_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "offloader/base/crypto.h"
#include "offloader/base/file.h"
#include "offloader/base/identifier.h"

namespace offloader::refresh {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kVersion = "1\n";
constexpr std::string_view kMarksName = "state.json";
constexpr std::string_view kPartialPrefix = ".partial-";
constexpr std::uint64_t kMaxRecordBytes = 64ULL << 20;

fs::path with_suffix(const fs::path& base, std::string_view suffix) {
  fs::path path = base;
  path += suffix;
  return path;
}

void remove_quietly(const fs::path& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

// Whatever could not be written, the message says what there is to do about it.
tl::unexpected<Error> not_written(ErrorCode code, std::string detail) {
  if (code == ErrorCode::no_space) {
    return fail(
        code,
        "the cache folder's disk is full: free some space where OFFLOADER_CACHE_DIR is, or put it on a "
        "larger disk",
        std::move(detail));
  }
  return fail(ErrorCode::unavailable,
              "the cache folder cannot be written: check OFFLOADER_CACHE_DIR, its rights and its disk",
              std::move(detail));
}

tl::unexpected<Error> not_written(const std::error_code& error, std::string_view action,
                                  const fs::path& path) {
  return not_written(error == std::errc::no_space_on_device ? ErrorCode::no_space : ErrorCode::unavailable,
                     fmt::format("{} {}: {}", action, path.string(), error.message()));
}

Result<void> written(Result<void> result) {
  if (result) return result;
  return not_written(result.error().code, std::move(result.error().detail));
}

Result<void> make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return not_written(error, "create", path);
  // Rights that were taken away later, or a mount that became read-only.
  if (::access(path.c_str(), W_OK | X_OK) != 0)
    return not_written(std::error_code(errno, std::generic_category()), "write below", path);
  return {};
}

Result<void> rename_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) return not_written(error, "rename", from);
  return {};
}

std::string safe_name(const SnapshotRecord& record) {
  std::string name = record.snapshot_id;
  std::replace(name.begin(), name.end(), ':', '_');
  if (!name.empty() && name.front() == '.') name.front() = '_';
  return name + '.' + record.build;
}

// The record of the build in `path`, when file and record are sound.
std::optional<SnapshotRecord> sound_record(const fs::path& path) {
  const auto text = read_file(path, kMaxRecordBytes);
  if (!text) return std::nullopt;
  return parse_record(*text);
}

Marks read_marks(const fs::path& path) {
  Marks marks;
  const auto text = read_file(path, 1 << 20);
  if (!text) return marks;
  try {
    const nlohmann::json json = nlohmann::json::parse(*text);
    marks.active = json.at("active").get<std::string>();
    marks.previous = json.at("previous").get<std::string>();
    marks.quarantined = json.at("quarantined").get<std::string>();
    return marks;
  } catch (const nlohmann::json::exception&) {
    return {};
  }
}

}  // namespace

Result<CacheFolder> CacheFolder::open(const fs::path& root) {
  if (auto made = make_folder(root); !made) return fail(made.error());
  const fs::path lock_path = root / "LOCK";
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock < 0) {
    return not_written(std::error_code(errno, std::generic_category()), "open", lock_path);
  }
  CacheFolder folder(root, lock);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::conflict,
                "another Offloader process uses this cache folder: give each process an OFFLOADER_CACHE_DIR "
                "of its own",
                lock_path.string());
  }
  const auto version = read_file(root / "VERSION", 4096);
  if (!version || *version != kVersion) {
    // VERSION is written last, so that a crash in between starts over.
    for (const char* name : {"datasets", "config", "tmp"}) remove_quietly(root / name);
  }
  remove_quietly(root / "tmp");
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root, error)) {
    // Half a VERSION, of a process that was killed while it wrote it.
    if (entry.path().filename().string().starts_with("VERSION.")) remove_quietly(entry.path());
  }
  for (const char* name : {"datasets", "config", "tmp"}) {
    if (auto made = make_folder(root / name); !made) return fail(made.error());
  }
  if (!version || *version != kVersion) {
    if (auto done = written(write_file_atomically(root / "VERSION", kVersion)); !done)
      return fail(done.error());
  }
  return folder;
}

CacheFolder::CacheFolder(CacheFolder&& other) noexcept
    : root_(std::move(other.root_)), lock_(std::exchange(other.lock_, -1)) {}

CacheFolder::~CacheFolder() {
  if (lock_ >= 0) ::close(lock_);
}

void CacheFolder::keep_only(const std::vector<std::string>& known) const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root_ / "datasets", error)) {
    if (std::find(known.begin(), known.end(), entry.path().filename().string()) == known.end()) {
      remove_quietly(entry.path());
    }
  }
}

void CacheFolder::remove_dataset(const std::string& dataset) const {
  remove_quietly(folder(dataset));
}

WarmDataset CacheFolder::recover(const std::string& dataset) const {
  WarmDataset warm;
  const Marks marks = read_marks(folder(dataset) / kMarksName);
  std::error_code error;
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder(dataset), error)) entries.push_back(entry.path());
  std::vector<SnapshotRecord> damaged;
  for (const fs::path& path : entries) {
    if (path.extension() != ".json" || path.filename() == kMarksName) continue;
    auto record = sound_record(path);
    if (!record || with_suffix(place(dataset, *record).base, ".json") != path) continue;
    if (record->build != marks.active && record->build != marks.previous) continue;
    if (record->local) {
      const auto size = fs::file_size(place(dataset, *record).database(), error);
      if (error || size != record->bytes) {
        if (!error) damaged.push_back(*record);
        continue;
      }
    }
    (record->build == marks.active ? warm.active : warm.previous) = std::move(record);
  }
  warm.quarantined = marks.quarantined;
  std::set<fs::path> kept{folder(dataset) / kMarksName};
  for (const SnapshotRecord& record : damaged) set_aside(dataset, record);
  for (const auto* record : {&warm.active, &warm.previous}) {
    if (!*record) continue;
    const engine::SnapshotFiles files = place(dataset, **record);
    kept.insert({files.database(), files.index(), with_suffix(files.base, ".json")});
  }
  for (const auto& path : entries) {
    if (!kept.contains(path) && path.extension() != ".corrupt") remove_quietly(path);
  }
  return warm;
}

std::string CacheFolder::new_build() const {
  return random_hex(8);
}

engine::SnapshotFiles CacheFolder::partial(const std::string& dataset, const std::string& build) const {
  return {.base = folder(dataset) / fmt::format("{}{}", kPartialPrefix, build)};
}

engine::SnapshotFiles CacheFolder::place(const std::string& dataset, const SnapshotRecord& record) const {
  return {.base = folder(dataset) / safe_name(record)};
}

Result<void> CacheFolder::prepare(const std::string& dataset) const {
  return make_folder(folder(dataset));
}

Result<void> CacheFolder::commit(const std::string& dataset, const SnapshotRecord& record) const {
  const engine::SnapshotFiles from = partial(dataset, record.build);
  const engine::SnapshotFiles to = place(dataset, record);
  if (auto synced = written(sync_path(from.database())); !synced) return synced;
  std::error_code error;
  if (fs::exists(from.index(), error)) {
    if (auto renamed = rename_file(from.index(), to.index()); !renamed) return renamed;
  }
  if (auto renamed = rename_file(from.database(), to.database()); !renamed) return renamed;
  return write_record(dataset, record);
}

Result<void> CacheFolder::write_record(const std::string& dataset, const SnapshotRecord& record) const {
  if (auto made = prepare(dataset); !made) return made;
  return written(write_file_atomically(with_suffix(place(dataset, record).base, ".json"), to_json(record)));
}

Result<void> CacheFolder::write_marks(const std::string& dataset, const Marks& marks) const {
  if (auto made = prepare(dataset); !made) return made;
  return written(write_file_atomically(
      folder(dataset) / kMarksName,
      nlohmann::json{
          {"active", marks.active}, {"previous", marks.previous}, {"quarantined", marks.quarantined}}
          .dump()));
}

void CacheFolder::remove_partial(const std::string& dataset, const std::string& build) const {
  const std::string prefix = fmt::format("{}{}", kPartialPrefix, build);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder(dataset), error)) {
    if (entry.path().filename().string().starts_with(prefix)) remove_quietly(entry.path());
  }
}

void CacheFolder::forget(const std::string& dataset, const SnapshotRecord& record) const {
  remove_quietly(with_suffix(place(dataset, record).base, ".json"));
}

void CacheFolder::remove_snapshot(const std::string& dataset, const SnapshotRecord& record) const {
  forget(dataset, record);
  const engine::SnapshotFiles files = place(dataset, record);
  remove_quietly(files.database());
  remove_quietly(files.index());
}

void CacheFolder::set_aside(const std::string& dataset, const SnapshotRecord& record) const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder(dataset), error)) {
    if (entry.path().extension() == ".corrupt") remove_quietly(entry.path());
  }
  const engine::SnapshotFiles files = place(dataset, record);
  fs::rename(files.database(), with_suffix(files.database(), ".corrupt"), error);
  forget(dataset, record);
  remove_quietly(files.index());
}

std::uint64_t CacheFolder::free_bytes() const {
  std::error_code error;
  const fs::space_info space = fs::space(root_, error);
  return error ? 0 : space.available;
}

}  // namespace offloader::refresh
