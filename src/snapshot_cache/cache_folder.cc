#include "offloader/snapshot_cache/cache_folder.h"

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
#include "offloader/base/owned_folder.h"

namespace offloader::snapshot_cache {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxRecordBytes = 64ULL << 20;

// Whether the file may still exist and be valid, although reading it failed.
bool may_pass(const Error& error) {
  return error.code == ErrorCode::unavailable;
}

// Reads state.json. Returns nullopt when it is missing or invalid, and an error when it may be read later.
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

}  // namespace

WarmDataset CacheFolder::recover(const std::string& dataset, executor::Executor& executor) const {
  WarmDataset warm;
  warm.quarantined = parse_quarantine(read_mark(dataset, kQuarantineMark).value_or(""));
  const auto datasets = handle_->open_below("datasets");
  if (!datasets) return warm;
  const auto opened = datasets->open_below(dataset);
  const auto entries = opened ? opened->entries() : fail(opened.error());
  if (!entries) {
    warm.incomplete = may_pass(entries.error());
    return warm;
  }
  const auto state = read_state(*opened);
  if (!state) {
    // It is unknown which snapshots serve, so keep everything.
    warm.incomplete = true;
    return warm;
  }
  const Marks marks = state->value_or(Marks{});
  if (*state) warm.quarantined = (*state)->quarantined;
  std::vector<SnapshotRecord> records;
  for (const OwnedFolder::Entry& entry : *entries) {
    if (!entry.name.ends_with(".json") || entry.name == kStateName) continue;
    const auto text = opened->read(entry.name, kMaxRecordBytes);
    if (!text && may_pass(text.error())) {
      // This may be the record of a serving snapshot, so keep everything.
      warm.incomplete = true;
      continue;
    }
    auto record = text ? parse_record(*text) : std::nullopt;
    if (!record || name_of(*record) + ".json" != entry.name) continue;
    if (record->build == marks.active || record->build == marks.previous)
      records.push_back(std::move(*record));
  }
  std::set<std::string> kept{std::string(kStateName)};
  const auto keep = [&](SnapshotRecord& record) {
    kept.insert(name_of(record) + ".json");
    (record.build == marks.active ? warm.active : warm.previous) = std::move(record);
  };
  std::vector<executor::Stored> known;
  for (const SnapshotRecord& record : records) {
    if (record.loaded()) known.push_back(record.stored());
  }
  std::vector<executor::Found> found(known.size(), executor::Found::sound);
  if (!warm.incomplete) found = executor.recover(dataset, known);
  std::size_t next = 0;
  for (SnapshotRecord& record : records) {
    const executor::Found rows = record.loaded() ? found[next++] : executor::Found::sound;
    if (rows == executor::Found::sound) keep(record);
    if (rows != executor::Found::unreadable) continue;
    warm.incomplete = true;
    kept.insert(name_of(record) + ".json");
  }
  if (warm.incomplete) return warm;
  for (const auto& [name, kind] : *entries) {
    if (kind != OwnedFolder::Kind::folder && is_record_file(name) && !kept.contains(name))
      opened->remove(name);
  }
  return warm;
}

std::string CacheFolder::new_build() const {
  return random_hex(8);
}

std::string CacheFolder::name_of(const SnapshotRecord& record) {
  std::string name = record.snapshot_id;
  std::replace(name.begin(), name.end(), ':', '_');
  if (!name.empty() && name.front() == '.') name.front() = '_';
  return name + '.' + record.build;
}

Result<void> CacheFolder::prepare(const std::string& dataset) const {
  const auto datasets = handle_->make_below("datasets");
  if (!datasets) return cannot_write(datasets.error());
  const auto made = datasets->make_below(dataset);
  if (!made) return cannot_write(made.error());
  return {};
}

Result<void> CacheFolder::write_record(const std::string& dataset, const SnapshotRecord& record) const {
  if (auto made = prepare(dataset); !made) return made;
  return done_or_said(write_file_atomically(folder(dataset) / (name_of(record) + ".json"), to_json(record)));
}

Result<void> CacheFolder::write_marks(const std::string& dataset, const Marks& marks) const {
  if (auto made = prepare(dataset); !made) return made;
  // The state file decides what is quarantined; the mark survives its loss. Write the mark first, and restore
  // it if the state cannot be written.
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

void CacheFolder::forget(const std::string& dataset, const SnapshotRecord& record) const {
  std::error_code ignored;
  fs::remove(folder(dataset) / (name_of(record) + ".json"), ignored);
}

std::uint64_t CacheFolder::free_bytes() const {
  std::error_code error;
  const fs::space_info space = fs::space(root_, error);
  return error ? 0 : space.available;
}

}  // namespace offloader::snapshot_cache
