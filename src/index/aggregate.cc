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
  const auto* keys = reinterpret_cast<const Stored*>(column_->values);
  const bool nullable = column_->nullable;
  const auto null = static_cast<Stored>(column_->null_key);
  const bool summing = kind_ == Aggregate::sum || kind_ == Aggregate::avg;
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
    if (kind_ == Aggregate::min) keep_least(into, keys[row], as_float);
    if (kind_ == Aggregate::max) keep_greatest(into, keys[row], as_float);
    ++into.count;
  }
}

template <typename Stored>
void ColumnAggregate::rows_of(Accumulator* into, std::size_t stride, std::span<const std::uint32_t> rows,
                              const std::uint32_t* groups) const {
  const auto* keys = reinterpret_cast<const Stored*>(column_->values);
  const bool nullable = column_->nullable;
  const auto null = static_cast<Stored>(column_->null_key);
  const auto each = [&](auto add) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Stored key = keys[rows[i]];
      if (nullable && key == null) continue;
      Accumulator& accumulator = into[groups[i] * stride];
      add(accumulator, std::uint64_t{key});
      ++accumulator.count;
    }
  };
  const bool as_float = floating();
  switch (kind_) {
    case Aggregate::count:
      each([](Accumulator&, std::uint64_t) {});
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
  }
}

void ColumnAggregate::add_runs(Accumulator* into, std::size_t stride, std::span<const Range> runs) const {
  if (kind_ == Aggregate::count && !column_->nullable) {
    for (std::size_t i = 0; i < runs.size(); ++i) into[i * stride].count += runs[i].end - runs[i].begin;
    return;
  }
  with_width(column_->width, [&]<typename Stored>(Stored) {
    for (std::size_t i = 0; i < runs.size(); ++i)
      range_of<Stored>(into[i * stride], runs[i].begin, runs[i].end);
  });
}

void ColumnAggregate::add_rows(Accumulator* into, std::size_t stride, std::span<const std::uint32_t> rows,
                               const std::uint32_t* groups) const {
  with_width(column_->width, [&]<typename Stored>(Stored) { rows_of<Stored>(into, stride, rows, groups); });
}

double ColumnAggregate::average(const Accumulator& from) const {
  if (floating()) return floating_sum(from) / static_cast<double>(from.count);
  // As DuckDB does, so that the last digit is the same: it divides the 128-bit sum as a long double.
  const long double mean = static_cast<long double>(sum(from)) / static_cast<long double>(from.count);
  return static_cast<double>(mean / static_cast<long double>(power_of_ten(column_->type.size.scale)));
}

}  // namespace offloader::index
