#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "offloader/index/lookup.h"

namespace offloader::index {

// A plan's `offset` and `limit` as positions in the ordered result; of a plan with a seek, in the rows that
// do not come before it. The page is [first, last); one more row is wanted, to set has_more.
struct PageBounds {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  explicit PageBounds(const query::Plan& plan)
      : first(bounded(plan.after ? plan.after->skip : plan.offset)), last(first + bounded(plan.limit)) {}
  [[nodiscard]] std::uint64_t wanted() const { return last + 1; }

 private:
  // No index has 2^33 rows, so clamping to that changes no result and keeps sums from overflowing.
  static std::uint64_t bounded(std::int64_t rows) {
    return static_cast<std::uint64_t>(std::clamp<std::int64_t>(rows, 0, std::int64_t{1} << 33));
  }
};

// A column by which rows are ordered.
struct SortKey {
  const Column* column = nullptr;
  bool descending = false;

  // A number that sorts as the key does in this order. A null is last in both directions.
  [[nodiscard]] std::uint64_t rank(std::uint64_t key) const {
    if (!descending) return key;
    if (!column->nullable) return ~key;
    return key == column->null_key ? ~0ULL : ~0ULL - 1 - key;
  }

  // Compares two rows in this order: negative, 0 or positive.
  [[nodiscard]] int compare(std::uint32_t a, std::uint32_t b) const {
    if (column->type == catalog::ColumnType::json) return compare_documents(a, b);
    const std::uint64_t rank_a = rank(column->order_key(a));
    const std::uint64_t rank_b = rank(column->order_key(b));
    return rank_a == rank_b ? 0 : (rank_a < rank_b ? -1 : 1);
  }

 private:
  [[nodiscard]] int compare_documents(std::uint32_t a, std::uint32_t b) const {
    const std::string_view text_a = column->dictionary.texts.at(a);
    const std::string_view text_b = column->dictionary.texts.at(b);
    if (text_a.empty() || text_b.empty())
      return text_a.empty() == text_b.empty() ? 0 : (text_a.empty() ? 1 : -1);
    return descending ? text_b.compare(text_a) : text_a.compare(text_b);
  }
};

// Returns what it costs to read the lookup's rows for the plan.
[[nodiscard]] Cost page_cost(const query::Plan& plan, const Lookup& lookup, const Thresholds& thresholds);

// Sets `keys` to an order of rows, without repeated columns and columns that have one value.
void resolve_order(const std::vector<query::OrderKey>& order, const query::PlanShape& shape,
                   const Reader& reader, const Lookup& lookup, std::vector<SortKey>& keys);

// Compares two rows by the keys from `from` on: negative, 0 or positive.
[[nodiscard]] inline int compare_rows(const std::vector<SortKey>& keys, std::size_t from, std::uint32_t a,
                                      std::uint32_t b) {
  for (std::size_t k = from; k < keys.size(); ++k) {
    const int compared = keys[k].compare(a, b);
    if (compared != 0) return compared;
  }
  return 0;
}

// Returns by how many leading keys of `order` the stored rows of the range are already ordered, if they are
// walked forward when the first key ascends and backward when it descends.
[[nodiscard]] std::size_t stored_order(const std::vector<SortKey>& order, const Reader& reader,
                                       const Lookup& lookup);

}  // namespace offloader::index
