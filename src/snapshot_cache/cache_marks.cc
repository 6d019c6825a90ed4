#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "cache_names.h"
#include "cache_writes.h"
#include "excused_builds.h"
#include "offloader/base/file.h"
#include "offloader/base/identifier.h"
#include "offloader/base/owned_folder.h"
#include "offloader/snapshot_cache/cache_folder.h"

// The marks/ folder. Failures to read or remove a mark are ignored: it is treated as absent.
namespace offloader::snapshot_cache {
namespace {

constexpr std::uint64_t kMaxMarkBytes = 1 << 20;

std::string name_of_mark(const std::string& dataset, std::string_view kind) {
  return fmt::format("{}.{}.json", dataset, kind);
}

// Returns the dataset of a mark of this kind; empty when `name` is not the name of one.
std::string dataset_of(std::string_view name, std::string_view kind) {
  const auto dot = name.find('.');
  if (dot == std::string_view::npos || name.substr(dot) != fmt::format(".{}.json", kind)) return {};
  name = name.substr(0, dot);
  return is_identifier(name) ? std::string(name) : std::string();
}

}  // namespace

bool is_mark(std::string_view name) {
  return std::ranges::any_of(std::array{kQuarantineMark, kBuildingMark, kDiedMark},
                             [&](std::string_view kind) { return !dataset_of(name, kind).empty(); });
}

std::optional<std::string> CacheFolder::read_mark(const std::string& dataset, std::string_view kind) const {
  const auto marks = handle_->open_below("marks");
  if (!marks) return std::nullopt;
  auto text = marks->read(name_of_mark(dataset, kind), kMaxMarkBytes);
  if (!text) return std::nullopt;
  return std::move(*text);
}

Result<void> CacheFolder::write_mark(const std::string& dataset, std::string_view kind,
                                     const std::string& text) const {
  if (const auto made = handle_->make_below("marks"); !made) return cannot_write(made.error());
  return done_or_said(write_file_atomically(root_ / "marks" / name_of_mark(dataset, kind), text));
}

void CacheFolder::remove_mark(const std::string& dataset, std::string_view kind) const {
  if (const auto marks = handle_->open_below("marks")) marks->remove(name_of_mark(dataset, kind));
}

Result<void> CacheFolder::write_quarantine(const std::string& dataset, const std::string& id) const {
  if (!id.empty()) return write_mark(dataset, kQuarantineMark, quarantine_json(id));
  remove_mark(dataset, kQuarantineMark);
  return {};
}

Result<void> CacheFolder::begin_build(const std::string& dataset, const BuildMark& mark) const {
  const MutexLock lock(excused_->mutex);
  if (excused_->all) return {};
  return write_mark(dataset, kBuildingMark, to_json(mark));
}

void CacheFolder::end_build(const std::string& dataset) const {
  remove_mark(dataset, kBuildingMark);
}

void CacheFolder::excuse_builds() const {
  const MutexLock lock(excused_->mutex);
  excused_->all = true;
  const auto marks = handle_->open_below("marks");
  const auto entries = marks ? marks->entries() : fail(marks.error());
  if (!entries) return;
  for (const auto& entry : *entries) {
    if (!dataset_of(entry.name, kBuildingMark).empty()) marks->remove(entry.name);
  }
}

void CacheFolder::count_deaths(SystemTime now) const {
  const auto marks = handle_->open_below("marks");
  const auto entries = marks ? marks->entries() : fail(marks.error());
  if (!entries) return;
  std::vector<LeftMark> left;
  std::vector<std::string> names;
  for (const auto& entry : *entries) {
    const std::string dataset = dataset_of(entry.name, kBuildingMark);
    if (dataset.empty()) continue;
    names.push_back(entry.name);
    auto build = parse_build_mark(read_mark(dataset, kBuildingMark).value_or(""));
    if (build) left.push_back({dataset, std::move(*build), death(dataset)});
  }
  // Write the deaths before removing the building marks: if the process is killed in between, a death counts
  // twice rather than not at all.
  for (const JudgedMark& one : judge_left_marks(left, names.size() - left.size(), now))
    (void)write_mark(one.dataset, kDiedMark, to_json(one.death));
  for (const std::string& name : names) marks->remove(name);
}

std::optional<DeathMark> CacheFolder::death(const std::string& dataset) const {
  return parse_death_mark(read_mark(dataset, kDiedMark).value_or(""));
}

void CacheFolder::forget_death(const std::string& dataset) const {
  remove_mark(dataset, kDiedMark);
}

std::vector<std::string> CacheFolder::datasets() const {
  std::set<std::string> names;
  const auto datasets = handle_->open_below("datasets");
  if (const auto entries = datasets ? datasets->entries() : fail(datasets.error())) {
    for (const auto& entry : *entries) {
      if (entry.kind == OwnedFolder::Kind::folder && is_identifier(entry.name)) names.insert(entry.name);
    }
  }
  const auto marks = handle_->open_below("marks");
  if (const auto entries = marks ? marks->entries() : fail(marks.error())) {
    for (const auto& entry : *entries) {
      for (const std::string_view kind : {kQuarantineMark, kBuildingMark, kDiedMark}) {
        const std::string dataset = dataset_of(entry.name, kind);
        if (!dataset.empty()) names.insert(dataset);
      }
    }
  }
  return {names.begin(), names.end()};
}

void CacheFolder::remove_dataset(const std::string& dataset) const {
  if (const auto datasets = handle_->open_below("datasets")) clear_dataset(*datasets, dataset);
  for (const std::string_view kind : {kQuarantineMark, kBuildingMark, kDiedMark}) remove_mark(dataset, kind);
}

void CacheFolder::clear_dataset(const OwnedFolder& datasets, const std::string& dataset) const {
  {
    const auto opened = datasets.open_below(dataset);
    const auto entries = opened ? opened->entries() : fail(opened.error());
    if (!entries) return;
    for (const auto& [name, kind] : *entries) {
      if (kind != OwnedFolder::Kind::folder && is_record_file(name)) opened->remove(name);
    }
  }
  datasets.remove(dataset);  // fails, as intended, when other files are left in it
}

}  // namespace offloader::snapshot_cache
