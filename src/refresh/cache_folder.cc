#include "offloader/refresh/cache_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "cache_names.h"
#include "cache_writes.h"
#include "offloader/base/crypto.h"
#include "offloader/base/file.h"
#include "owned_folder.h"

namespace offloader::refresh {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxRecordBytes = 64ULL << 20;

fs::path with_suffix(const fs::path& base, std::string_view suffix) {
  fs::path path = base;
  path += suffix;
  return path;
}

void remove_quietly(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

Result<void> rename_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) {
    const bool full = error == std::errc::no_space_on_device;
    return cannot_write({full ? ErrorCode::no_space : ErrorCode::unavailable, {}, "rename " + from.string()});
  }
  return {};
}

std::string safe_name(const SnapshotRecord& record) {
  std::string name = record.snapshot_id;
  std::replace(name.begin(), name.end(), ':', '_');
  if (!name.empty() && name.front() == '.') name.front() = '_';
  return name + '.' + record.build;
}

// Whether a file may be there and sound all the same.
bool may_pass(const Error& error) {
  return error.code == ErrorCode::unavailable;
}

// What state.json says; nothing when it is not there, or not sound.
Result<std::optional<Marks>> read_state(const OwnedFolder& folder) {
  const auto text = folder.read(std::string(kStateName), 1 << 20);
  if (!text && may_pass(text.error())) return fail(text.error());
  if (!text) return std::nullopt;
  try {
    const nlohmann::json json = nlohmann::json::parse(*text);
    return Marks{.active = json.at("active").get<std::string>(),
                 .previous = json.at("previous").get<std::string>(),
                 .quarantined = json.at("quarantined").get<std::string>()};
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

// The file's size, when it is a regular one.
Result<std::optional<std::uint64_t>> size_of(const OwnedFolder& folder, const fs::path& path) {
  struct stat status {};
  if (::fstatat(folder.descriptor(), path.filename().c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return std::nullopt;
    return fail(ErrorCode::unavailable, "a file cannot be read", path.filename().string());
  }
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

WarmDataset CacheFolder::recover(const std::string& dataset) const {
  WarmDataset warm;
  warm.quarantined = parse_quarantine(read_mark(dataset, kQuarantineMark).value_or(""));
  const auto datasets = handle_->open_below("datasets");
  if (!datasets) return warm;
  const auto opened = datasets->open_below(dataset);
  const auto entries = opened ? opened->entries() : fail(opened.error());
  if (!entries) return warm;
  const auto state = read_state(*opened);
  if (!state) {
    // Which of the files count is not known.
    warm.incomplete = true;
    return warm;
  }
  const Marks marks = state->value_or(Marks{});
  if (*state) warm.quarantined = (*state)->quarantined;
  std::vector<SnapshotRecord> damaged;
  std::set<std::string> kept{std::string(kStateName)};
  const auto leave = [&](const fs::path& base) {
    warm.incomplete = true;
    const engine::SnapshotFiles files{base};
    for (const fs::path& path : {files.database(), files.index(), with_suffix(base, ".json")})
      kept.insert(path.filename().string());
  };
  for (const OwnedFolder::Entry& entry : *entries) {
    if (!entry.name.ends_with(".json") || entry.name == kStateName) continue;
    const auto text = opened->read(entry.name, kMaxRecordBytes);
    if (!text && may_pass(text.error())) {
      leave(folder(dataset) / entry.name.substr(0, entry.name.size() - std::string_view(".json").size()));
      continue;
    }
    auto record = text ? parse_record(*text) : std::nullopt;
    if (!record || with_suffix(place(dataset, *record).base, ".json").filename() != entry.name) continue;
    if (record->build != marks.active && record->build != marks.previous) continue;
    if (record->local) {
      const auto size = size_of(*opened, place(dataset, *record).database());
      if (!size) {
        leave(place(dataset, *record).base);
        continue;
      }
      if (*size != record->bytes) {
        if (*size) damaged.push_back(*record);
        continue;
      }
    }
    (record->build == marks.active ? warm.active : warm.previous) = std::move(record);
  }
  for (const SnapshotRecord& record : damaged) set_aside(dataset, record);
  for (const auto* record : {&warm.active, &warm.previous}) {
    if (!*record) continue;
    const engine::SnapshotFiles files = place(dataset, **record);
    for (const fs::path& path : {files.database(), files.index(), with_suffix(files.base, ".json")})
      kept.insert(path.filename().string());
  }
  for (const auto& [name, kind] : *entries) {
    const bool ours = kind != OwnedFolder::Kind::folder && is_dataset_file(name);
    if (ours && !kept.contains(name) && !name.ends_with(".corrupt")) opened->remove(name);
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
  const auto datasets = handle_->make_below("datasets");
  if (!datasets) return cannot_write(datasets.error());
  const auto made = datasets->make_below(dataset);
  if (!made) return cannot_write(made.error());
  return {};
}

Result<void> CacheFolder::commit(const std::string& dataset, const SnapshotRecord& record) const {
  const engine::SnapshotFiles from = partial(dataset, record.build);
  const engine::SnapshotFiles to = place(dataset, record);
  if (auto synced = done_or_said(sync_path(from.database())); !synced) return synced;
  std::error_code error;
  if (fs::exists(from.index(), error)) {
    if (auto renamed = rename_file(from.index(), to.index()); !renamed) return renamed;
  }
  if (auto renamed = rename_file(from.database(), to.database()); !renamed) return renamed;
  return write_record(dataset, record);
}

Result<void> CacheFolder::write_record(const std::string& dataset, const SnapshotRecord& record) const {
  if (auto made = prepare(dataset); !made) return made;
  return done_or_said(
      write_file_atomically(with_suffix(place(dataset, record).base, ".json"), to_json(record)));
}

Result<void> CacheFolder::write_marks(const std::string& dataset, const Marks& marks) const {
  if (auto made = prepare(dataset); !made) return made;
  // The state is what counts; the mark outlives it. So the mark is written first, and taken back when the
  // state cannot be written.
  const std::string before = parse_quarantine(read_mark(dataset, kQuarantineMark).value_or(""));
  if (before != marks.quarantined) {
    if (auto marked = write_quarantine(dataset, marks.quarantined); !marked) return marked;
  }
  auto done = done_or_said(write_file_atomically(
      folder(dataset) / kStateName,
      nlohmann::json{
          {"active", marks.active}, {"previous", marks.previous}, {"quarantined", marks.quarantined}}
          .dump()));
  if (!done && before != marks.quarantined) (void)write_quarantine(dataset, before);
  return done;
}

void CacheFolder::remove_partial(const std::string& dataset, const std::string& build) const {
  const std::string prefix = fmt::format("{}{}", kPartialPrefix, build);
  const auto datasets = handle_->open_below("datasets");
  const auto opened = datasets ? datasets->open_below(dataset) : fail(datasets.error());
  const auto entries = opened ? opened->entries() : fail(opened.error());
  if (!entries) return;
  for (const auto& [name, kind] : *entries) {
    if (kind != OwnedFolder::Kind::folder && name.starts_with(prefix)) opened->remove(name);
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
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".corrupt") && is_dataset_file(name)) remove_quietly(entry.path());
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
