#include "collectors.h"

#include <algorithm>
#include <numeric>

#include "offloader/catalog/column.h"
#include "offloader/index/width.h"

namespace offloader::index {
namespace {

using catalog::ColumnType;

// A run takes up to 12 bytes, and 8 for each summed column. With 8 rows per run that is at most 1.5 bytes per
// row and 1 for each summed column.
constexpr std::uint64_t kRowsOfARun = 8;
// Limits the memory of collecting runs to about 80 MB, including the sums of one column.
constexpr std::uint64_t kMostRuns = 1 << 22;
constexpr std::uint64_t kAlwaysPays = 1024;

ColumnType type_of(const ColumnEntry& entry) {
  return *catalog::column_type_numbered(entry.type);
}

}  // namespace

bool DirectoryCollector::wants(const ColumnEntry& entry) {
  exact_ = type_of(entry) != ColumnType::float64;
  return true;
}

void DirectoryCollector::take(std::uint64_t row, std::span<const std::uint64_t> keys) {
  const std::uint64_t most = std::max(kAlwaysPays, rows_ / 16);
  for (std::size_t i = 0; pays_ && i < keys.size(); ++i) {
    if (!keys_.empty() && keys_.back() == keys[i]) continue;
    keys_.push_back(keys[i]);
    starts_.push_back(row + i);
    pays_ = keys_.size() <= most;
  }
}

void DirectoryCollector::write(OutputFile& out, std::uint32_t ordinal, const ColumnEntry& /*entry*/) {
  if (pays_) {
    ordinal_ = ordinal;
    std::vector<std::uint64_t> starts = starts_;
    starts.push_back(rows_);
    out.section(Section::directory_keys, ordinal, keys_);
    out.section(Section::directory_starts, ordinal, starts);
  }
  keys_ = {};
  if (!pays_ || !exact_) starts_ = {};
}

bool RunCollector::wants(const ColumnEntry& entry) {
  return !directory_.starts().empty() && type_of(entry) != ColumnType::float64;
}

void RunCollector::take(std::uint64_t row, std::span<const std::uint64_t> keys) {
  const std::uint64_t most = std::min(std::max(kAlwaysPays, rows_ / kRowsOfARun), kMostRuns);
  const std::span<const std::uint64_t> groups = directory_.starts();
  for (std::size_t i = 0; pays_ && i < keys.size(); ++i) {
    const bool first = of_directory_.size() < groups.size() && groups[of_directory_.size()] == row + i;
    if (first) of_directory_.push_back(static_cast<std::uint32_t>(keys_.size()));
    if (!first && keys_.back() == keys[i]) continue;
    keys_.push_back(keys[i]);
    starts_.push_back(static_cast<std::uint32_t>(row + i));
    pays_ = keys_.size() <= most;
  }
}

void RunCollector::write(OutputFile& out, std::uint32_t ordinal, const ColumnEntry& entry) {
  if (!pays_) {
    keys_ = {};
    starts_ = {};
    of_directory_ = {};
    return;
  }
  of_directory_.push_back(static_cast<std::uint32_t>(keys_.size()));
  starts_.push_back(static_cast<std::uint32_t>(rows_));
  with_width(entry.width, [&]<typename Stored>(Stored) {
    std::vector<Stored> narrow(keys_.size());
    std::ranges::transform(keys_, narrow.begin(), [](std::uint64_t key) { return static_cast<Stored>(key); });
    out.section(Section::run_keys, ordinal, narrow);
  });
  keys_ = {};
  out.section(Section::run_starts, ordinal, starts_);
  out.section(Section::directory_runs, directory_.ordinal(), of_directory_);
}

bool SumCollector::wants(const ColumnEntry& entry) {
  sums_.clear();
  const ColumnType type = type_of(entry);
  return !runs_.starts().empty() && entry.nullable == 0 && entry.width <= 4 &&
         (type == ColumnType::integer || type == ColumnType::bigint || type == ColumnType::decimal);
}

void SumCollector::take(std::uint64_t row, std::span<const std::uint64_t> keys) {
  const std::span<const std::uint32_t> starts = runs_.starts();
  for (std::size_t i = 0; i < keys.size();) {
    if (starts[sums_.size()] == row + i) sums_.push_back(0);
    const std::size_t end = std::min<std::uint64_t>(keys.size(), starts[sums_.size()] - row);
    sums_.back() = std::accumulate(keys.begin() + static_cast<std::ptrdiff_t>(i),
                                   keys.begin() + static_cast<std::ptrdiff_t>(end), sums_.back());
    i = end;
  }
}

void SumCollector::write(OutputFile& out, std::uint32_t ordinal, const ColumnEntry& /*entry*/) {
  out.section(Section::run_sums, ordinal, sums_);
}

}  // namespace offloader::index
