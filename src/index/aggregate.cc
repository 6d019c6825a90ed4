#include "aggregate.h"

#include <algorithm>
#include <bit>
#include <type_traits>

#include "offloader/base/decimal.h"
#include "offloader/index/key.h"
#include "sum.h"

namespace offloader::index {
namespace {

using catalog::Aggregate;

void add_wide(Accumulator& into, std::uint64_t value) {
  into.low += value;
  into.high += into.low < value ? 1 : 0;
}

void add_double(Accumulator& into, std::uint64_t key) {
  into.low = std::bit_cast<std::uint64_t>(std::bit_cast<double>(into.low) + double_of_key(key));
}

void keep_least(Accumulator& into, std::uint64_t key, bool floating) {
  const bool better = floating ? unify_zero(key) < unify_zero(into.low) : key < into.low;
  if (into.count == 0 || better) into.low = key;
}

void keep_greatest(Accumulator& into, std::uint64_t key, bool floating) {
  const bool better = floating ? unify_zero(key) > unify_zero(into.low) : key > into.low;
  if (into.count == 0 || better) into.low = key;
}

// Adds the sum and the count of the keys that are not null. The sum of fewer than 2^32 keys of at most 32
// bits fits into 64 bits.
template <typename Stored>
void sum_valid(const Stored* keys, std::uint32_t count, Stored null, Accumulator& into) {
  std::uint64_t total = 0;
  std::uint32_t seen = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool is_valid = keys[i] != null;
    total += is_valid ? keys[i] : Stored{0};
    seen += is_valid ? 1U : 0U;
  }
  add_wide(into, total);
  into.count += seen;
}

}  // namespace

template <typename Stored>
void ColumnAggregate::range_of(Accumulator& into, std::uint32_t begin, std::uint32_t end) const {
  const auto* keys = reinterpret_cast<const Stored*>(column().values);
  const bool nullable = column().nullable;
  const auto null = static_cast<Stored>(column().null_key);
  const bool summing = kind() == Aggregate::sum || kind() == Aggregate::avg;
  if (summing && !floating()) {
    if constexpr (sizeof(Stored) < 8) {
      if (nullable) {
        sum_valid(keys + begin, end - begin, null, into);
      } else {
        const auto readable =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(rows_ - begin, ~std::uint32_t{0}));
        add_wide(into, sum_keys(keys + begin, end - begin, readable));
        into.count += end - begin;
      }
    } else {
      for (std::uint32_t row = begin; row < end; ++row) {
        if (nullable && keys[row] == null) continue;
        add_wide(into, keys[row]);
        ++into.count;
      }
    }
    return;
  }
  if (summing) {
    auto sum = std::bit_cast<double>(into.low);
    for (std::uint32_t row = begin; row < end; ++row) {
      if (nullable && keys[row] == null) continue;
      sum += double_of_key(keys[row]);
      ++into.count;
    }
    into.low = std::bit_cast<std::uint64_t>(sum);
    return;
  }
  const bool as_float = floating();
  for (std::uint32_t row = begin; row < end; ++row) {
    if (nullable && keys[row] == null) continue;
    if (kind() == Aggregate::min) keep_least(into, keys[row], as_float);
    if (kind() == Aggregate::max) keep_greatest(into, keys[row], as_float);
    ++into.count;
  }
}

namespace {

void count_rows(Accumulator* into, std::size_t stride, std::size_t rows, const BatchGroups& groups) {
  if (groups.stretches.empty()) {
    for (std::size_t i = 0; i < rows; ++i) ++into[groups.of_rows[i] * stride].count;
    return;
  }
  std::uint32_t begin = 0;
  for (const Stretch& stretch : groups.stretches) {
    into[stretch.group * stride].count += stretch.end - begin;
    begin = stretch.end;
  }
}

// Calls `add(accumulator, key)` for each row with its key, and counts it.
template <bool kNullable, typename Stored, typename Add>
void add_keys(const Column& column, Accumulator* into, std::size_t stride,
              std::span<const std::uint32_t> rows, const BatchGroups& groups, Add add) {
  const auto* keys = reinterpret_cast<const Stored*>(column.values);
  const auto null = static_cast<Stored>(column.null_key);
  const auto add_row = [&](Accumulator& accumulator, std::uint32_t row) {
    const Stored key = keys[row];
    if (kNullable && key == null) return;
    add(accumulator, std::uint64_t{key});
    ++accumulator.count;
  };
  std::uint32_t at = 0;
  for (const Stretch& stretch : groups.stretches) {
    Accumulator own = into[stretch.group * stride];  // stays in registers
    for (; at < stretch.end; ++at) add_row(own, rows[at]);
    into[stretch.group * stride] = own;
  }
  for (; at < rows.size(); ++at) add_row(into[groups.of_rows[at] * stride], rows[at]);
}

}  // namespace

void find_stretches(std::span<const std::uint32_t> groups, std::vector<Stretch>& stretches) {
  constexpr std::size_t kRowsOnAverage = 4;
  const std::size_t most = groups.size() / kRowsOnAverage;
  stretches.clear();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i > 0 && groups[i] == groups[i - 1]) continue;
    if (stretches.size() == most) return stretches.clear();
    if (i > 0) stretches.back().end = static_cast<std::uint32_t>(i);
    stretches.push_back({.group = groups[i]});
  }
  if (!stretches.empty()) stretches.back().end = static_cast<std::uint32_t>(groups.size());
}

template <typename Stored>
void ColumnAggregate::rows_of(Accumulator* into, std::size_t stride, std::span<const std::uint32_t> rows,
                              const BatchGroups& groups) const {
  const auto* keys = reinterpret_cast<const Stored*>(column().values);
  const bool nullable = column().nullable;
  const auto null = static_cast<Stored>(column().null_key);
  const auto each = [&](auto add) {
    nullable ? add_keys<true, Stored>(column(), into, stride, rows, groups, add)
             : add_keys<false, Stored>(column(), into, stride, rows, groups, add);
  };
  const bool as_float = floating();
  switch (kind()) {
    case Aggregate::count:
      if (!nullable) return count_rows(into, stride, rows.size(), groups);
      each([](Accumulator&, std::uint64_t) {});
      break;
    case Aggregate::count_distinct:
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::uint64_t key = as_float ? unify_zero(keys[rows[i]]) : std::uint64_t{keys[rows[i]]};
        if (nullable && keys[rows[i]] == null) continue;
        const std::uint32_t group = groups.of_rows[i];
        if (source_.distinct->add(group, key)) ++into[group * stride].count;
      }
      break;
    case Aggregate::min:
      each([as_float](Accumulator& accumulator, std::uint64_t key) {
        keep_least(accumulator, key, as_float);
      });
      break;
    case Aggregate::max:
      each([as_float](Accumulator& accumulator, std::uint64_t key) {
        keep_greatest(accumulator, key, as_float);
      });
      break;
    case Aggregate::sum:
    case Aggregate::avg:
      if (as_float) {
        each(add_double);
      } else if constexpr (sizeof(Stored) < 8) {
        each([](Accumulator& accumulator, std::uint64_t key) { accumulator.low += key; });
      } else {
        each(add_wide);
      }
      break;
    case Aggregate::first:
    case Aggregate::last:
    case Aggregate::median:
    case Aggregate::quantile:
      break;  // `first` and `last` have functions of their own; look_up() declines the others
  }
}

// Keeps, of the rows with the least or the greatest key that orders, the least key of a value. A null value
// is above all others.
void ColumnAggregate::edges_of(Accumulator* into, std::size_t stride, std::span<const std::uint32_t> rows,
                               const std::uint32_t* groups) const {
  const bool last = kind() == Aggregate::last;
  const Column& by = *source_.by;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (by.is_null(by.key(rows[i]))) continue;
    const std::uint64_t order = by.order_key(rows[i]);
    const std::uint64_t value = column().order_key(rows[i]);
    Accumulator& best = into[groups[i] * stride];
    const bool before = last ? order > best.low : order < best.low;
    if (best.count++ == 0 || before || (order == best.low && value < best.high)) {
      best.low = order;
      best.high = value;
    }
  }
}

void ColumnAggregate::matching_rows_of(Accumulator* into, std::size_t stride,
                                       std::span<const std::uint32_t> rows, const BatchGroups& groups) const {
  if (source_.column == nullptr) {
    count_rows(into, stride, rows.size(), groups);
  } else if (source_.by != nullptr) {
    edges_of(into, stride, rows, groups.of_rows);
  } else {
    with_width(column().width, [&]<typename Stored>(Stored) { rows_of<Stored>(into, stride, rows, groups); });
  }
}

void ColumnAggregate::add_row_by_row(Accumulator* into, std::size_t stride, std::span<const Range> runs,
                                     AggregateScratch& scratch) const {
  const Lookup all;
  const Lookup& where = adds_all() ? all : *source_.where;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    for (std::uint32_t from = runs[i].begin; from < runs[i].end;) {
      const auto to = static_cast<std::uint32_t>(
          std::min<std::uint64_t>(runs[i].end, (from / kBlockRows + 1ULL) * kBlockRows));
      const auto rows = select_rows(where, from, to, scratch.batch);
      scratch.groups.assign(rows.size(), static_cast<std::uint32_t>(i));
      const Stretch whole{.group = static_cast<std::uint32_t>(i),
                          .end = static_cast<std::uint32_t>(rows.size())};
      matching_rows_of(into, stride, rows, {scratch.groups.data(), std::span(&whole, 1)});
      from = to;
    }
  }
}

void ColumnAggregate::add_runs(Accumulator* into, std::size_t stride, std::span<const Range> runs,
                               AggregateScratch& scratch) const {
  if (counts_rows()) {
    for (std::size_t i = 0; i < runs.size(); ++i) into[i * stride].count += runs[i].end - runs[i].begin;
    return;
  }
  if (!adds_all() && source_.where->end == 0) return;  // no row matches
  if (!adds_all() || source_.by != nullptr || source_.distinct != nullptr) {
    add_row_by_row(into, stride, runs, scratch);
    return;
  }
  with_width(column().width, [&]<typename Stored>(Stored) {
    for (std::size_t i = 0; i < runs.size(); ++i)
      range_of<Stored>(into[i * stride], runs[i].begin, runs[i].end);
  });
}

void ColumnAggregate::add_rows(Accumulator* into, std::size_t stride, std::span<const std::uint32_t> rows,
                               const BatchGroups& groups, AggregateScratch& scratch) const {
  if (adds_all()) return matching_rows_of(into, stride, rows, groups);
  if (source_.where->end == 0) return;
  const auto selected = select_rows(*source_.where, rows.front(), rows.back() + 1, scratch.batch);
  scratch.rows.clear();
  scratch.groups.clear();
  for (std::size_t i = 0, k = 0; i < rows.size() && k < selected.size();) {
    if (rows[i] == selected[k]) {
      scratch.rows.push_back(rows[i]);
      scratch.groups.push_back(groups.of_rows[i]);
      ++i;
      ++k;
    } else if (rows[i] < selected[k]) {
      ++i;
    } else {
      ++k;
    }
  }
  find_stretches(scratch.groups, scratch.stretches);
  matching_rows_of(into, stride, scratch.rows, {scratch.groups.data(), scratch.stretches});
}

double ColumnAggregate::average(const Accumulator& from) const {
  if (floating()) return floating_sum(from) / static_cast<double>(from.count);
  // As DuckDB does, so that the last digit is the same: it divides the 128-bit sum as a long double.
  const long double mean = static_cast<long double>(sum(from)) / static_cast<long double>(from.count);
  return static_cast<double>(mean / static_cast<long double>(power_of_ten(column().type.size.scale)));
}

}  // namespace offloader::index
