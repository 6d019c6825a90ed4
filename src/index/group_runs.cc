#include "group_runs.h"

#include <algorithm>
#include <numeric>

#include "order.h"
#include "runs.h"
#include "search.h"

namespace offloader::index {
namespace {

using catalog::Aggregate;

// Whether the index file contains this aggregate's sums per run.
bool sums_runs(const ColumnAggregate& aggregate) {
  return (aggregate.kind() == Aggregate::sum || aggregate.kind() == Aggregate::avg) && aggregate.adds_all() &&
         aggregate.column().run_sums != nullptr;
}

// Adds the groups whose rows are in `groups.runs` and computes their aggregates.
Found add_up(Groups& groups, const CancelFlag* cancel) {
  const std::vector<Range>& runs = groups.runs;
  if (runs.empty()) return Found::complete;
  for (const Range& run : runs) groups.first_rows.push_back(run.begin);
  const std::size_t stride = groups.aggregates.size();
  groups.accumulators.resize(runs.size() * stride);
  for (std::size_t a = 0; a < stride; ++a) {
    if (cancel != nullptr && cancel->cancelled()) return Found::cancelled;
    const ColumnAggregate& aggregate = groups.aggregates[a];
    Accumulator* const into = groups.accumulators.data() + a;
    if (groups.stored_runs.empty() || !sums_runs(aggregate)) {
      aggregate.add_runs(into, stride, runs, groups.scratch);
      if (overflow(groups)) return Found::too_many;
      continue;
    }
    const std::uint64_t* const sums = aggregate.column().run_sums;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const Range stored = groups.stored_runs[i];
      into[i * stride].count = runs[i].end - runs[i].begin;
      // Cannot overflow: fewer than 2^32 keys of at most 32 bits.
      into[i * stride].low = std::accumulate(sums + stored.begin, sums + stored.end, 0ULL);
    }
  }
  return Found::complete;
}

}  // namespace

// The CPU prefetches a sequential walk by itself, but not its beginning, and ten million rows are in no
// cache. 40 lines per column cover a typical page of one tenant, and the CPU cannot have many more loads in
// flight.
void fetch_ahead(const Groups& groups, const Lookup& lookup, bool by_runs) {
  constexpr std::size_t kLine = 64;
  constexpr std::size_t kLines = 40;
  const auto fetch = [](const void* values, std::size_t width, Range range) {
    const auto* at = static_cast<const std::byte*>(values) + std::size_t{range.begin} * width;
    const std::byte* const end =
        std::min(at + kLines * kLine, static_cast<const std::byte*>(values) + std::size_t{range.end} * width);
    for (; at < end; at += kLine) __builtin_prefetch(at);
  };
  const Range rows{lookup.begin, lookup.end};
  if (!by_runs) {
    for (const Column* column : groups.columns) fetch(column->values, column->width, rows);
  }
  for (const ColumnAggregate& aggregate : groups.aggregates) {
    if (aggregate.counts_rows() || !aggregate.reads_column()) continue;
    const Column& column = aggregate.column();
    if (by_runs && sums_runs(aggregate)) {
      fetch(column.run_sums, sizeof column.run_sums[0], lookup.runs);
    } else {
      fetch(column.values, column.width, rows);
    }
  }
}

std::optional<std::span<const Column* const>> grouped_in_storage(const Groups& groups, const Reader& reader,
                                                                 const Lookup& lookup) {
  const auto sorted = reader.sort_columns();
  if (lookup.fixed_sort_columns + groups.columns.size() > sorted.size()) return std::nullopt;
  const auto next = sorted.subspan(lookup.fixed_sort_columns, groups.columns.size());
  const bool same = std::all_of(groups.columns.begin(), groups.columns.end(), [&](const Column* column) {
    return std::find(next.begin(), next.end(), column) != next.end();
  });
  return same ? std::optional(next) : std::nullopt;
}

const RunDirectory* grouped_by_runs(const Groups& groups, const Reader& reader, const Lookup& lookup) {
  if (!lookup.in_runs || lookup.fixed_sort_columns != 1 || lookup.filters_rows()) return nullptr;
  const RunDirectory* runs = reader.runs();
  const bool one = groups.columns.empty();
  return one || (groups.columns.size() == 1 && groups.columns[0] == runs->column) ? runs : nullptr;
}

bool ordered_in_storage(const Groups& groups, const Reader& reader, const Lookup& lookup) {
  if (groups.keys.size() != groups.columns.size()) return false;
  std::vector<SortKey> order;
  for (const GroupOrder& key : groups.keys) {
    const Output& output = groups.outputs[key.projection];
    if (output.of_group()) return false;
    order.push_back({output.column, key.descending});
  }
  return stored_order(order, reader, lookup) == order.size();
}

Found walk_runs(Groups& groups, std::span<const Column* const> columns, const Lookup& lookup, bool forward,
                std::uint64_t wanted, const CancelFlag* cancel, std::size_t most) {
  std::vector<Range>& runs = groups.runs;
  runs.clear();
  std::uint32_t begin = lookup.begin;
  std::uint32_t end = lookup.end;
  while (begin < end && runs.size() < wanted) {
    if (runs.size() % 256 == 255 && cancel != nullptr && cancel->cancelled()) return Found::cancelled;
    if (runs.size() >= most) return Found::too_many;
    if (forward) {
      const std::uint32_t length = run_length(columns, begin, end - begin);
      runs.push_back({begin, begin + length});
      begin += length;
    } else {
      const std::uint32_t length = run_length_backward(columns, end - 1, end - begin);
      runs.push_back({end - length, end});
      end -= length;
    }
  }
  return add_up(groups, cancel);
}

bool grouped_by_bucket(const Groups& groups) {
  return groups.cut_column != nullptr && groups.columns.size() == 1 && groups.columns[0] == groups.cut_column;
}

Found walk_buckets(Groups& groups, const RunDirectory* directory, const Lookup& lookup, bool forward,
                   std::uint64_t wanted, const CancelFlag* cancel, std::size_t most) {
  const Column& column = groups.cut->column();
  groups.runs.clear();
  Range rows{lookup.begin, lookup.end};
  Range stored = lookup.runs;
  while (rows.begin < rows.end && groups.runs.size() < wanted) {
    if (groups.runs.size() % 256 == 255 && cancel != nullptr && cancel->cancelled()) return Found::cancelled;
    if (groups.runs.size() >= most) return Found::too_many;
    const Interval keys = groups.cut->keys_like(column.key(forward ? rows.begin : rows.end - 1));
    Range bucket;
    if (directory != nullptr && stored.begin < stored.end) {
      const Range runs = runs_between(*directory, stored, keys.low, keys.high);
      bucket = directory->rows_of(runs, rows);
      groups.stored_runs.push_back(runs);
      (forward ? stored.begin : stored.end) = forward ? runs.end : runs.begin;
    } else {
      bucket = rows_between(column, rows, keys.low, keys.high);
    }
    // In a damaged file rows may be in another order. Take the row whose bucket it is, so that the walk ends.
    if (forward) {
      bucket = {rows.begin, std::max(bucket.end, rows.begin + 1)};
      rows.begin = bucket.end;
    } else {
      bucket = {std::min(bucket.begin, rows.end - 1), rows.end};
      rows.end = bucket.begin;
    }
    groups.runs.push_back(bucket);
  }
  return add_up(groups, cancel);
}

Found take_runs(Groups& groups, const RunDirectory& directory, const Lookup& lookup, bool forward,
                std::uint64_t wanted, const CancelFlag* cancel, std::size_t most) {
  std::vector<Range>& runs = groups.runs;
  runs.clear();
  const Range rows{lookup.begin, lookup.end};
  if (rows.begin == rows.end) return Found::complete;
  if (groups.columns.empty()) {
    runs.push_back(rows);
    groups.stored_runs.push_back(lookup.runs);
    return add_up(groups, cancel);
  }
  const std::uint64_t count = std::min<std::uint64_t>(lookup.runs.end - lookup.runs.begin, wanted);
  if (count > most) return Found::too_many;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t run = forward ? lookup.runs.begin + i : lookup.runs.end - 1 - i;
    groups.stored_runs.push_back({run, run + 1});
    Range of_run = directory.rows_of(groups.stored_runs.back(), rows);
    // A damaged file may contain an empty run. Keep its first row within the range.
    of_run.begin = std::min(of_run.begin, rows.end - 1);
    runs.push_back(of_run);
  }
  return add_up(groups, cancel);
}

}  // namespace offloader::index
