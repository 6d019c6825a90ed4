#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "offloader/index/lookup.h"

namespace offloader::index {

// `offset` and `limit` as positions in an ordered result: the page is [first, last), and one row more tells
// has_more.
struct PageBounds {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  explicit PageBounds(const query::Plan& plan)
      : first(bounded(plan.offset)), last(first + bounded(plan.limit)) {}
  [[nodiscard]] std::uint64_t wanted() const { return last + 1; }

 private:
  // No index has 2^33 rows: what is past it need not be told apart, and sums cannot overflow.
  static std::uint64_t bounded(std::int64_t rows) {
    return static_cast<std::uint64_t>(std::clamp<std::int64_t>(rows, 0, std::int64_t{1} << 33));
  }
};

// One column that rows are ordered by.
struct SortKey {
  const Column* column = nullptr;
  bool descending = false;

  // Where the key stands in this order: the smaller the earlier, a null last both ways.
  [[nodiscard]] std::uint64_t rank(std::uint64_t key) const {
    if (!descending) return key;
    if (!column->nullable) return ~key;
    return key == column->null_key ? ~0ULL : ~0ULL - 1 - key;
  }

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

// How many leading keys of `order` the rows of the range are in already, all in the direction of the first:
// walked forward when it ascends, backward when it descends.
[[nodiscard]] std::size_t stored_order(const std::vector<SortKey>& order, const Reader& reader,
                                       const Lookup& lookup);

}  // namespace offloader::index
