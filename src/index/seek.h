#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "offloader/index/lookup.h"
#include "order.h"

namespace offloader::index {

// A key of the row after which a page begins. If the column does not have the value, `key` is that of the
// next greater one, or above all keys.
struct SeekKey {
  const Column* column = nullptr;
  bool descending = false;
  bool null = false;
  bool exact = false;  // the column has the value
  std::uint64_t key = 0;
  std::string_view document{};  // of a JSON column, instead of `key`

  // Where a key of the column is in the order: negative if it is before this one, 0 if they are alike.
  [[nodiscard]] int compare_key(std::uint64_t other) const {
    if (column->is_null(other) || null) return compare_nulls(column->is_null(other));
    const bool before = other < key;
    if (other == key && exact) return 0;
    return before == descending ? 1 : -1;
  }
  // The same for the value of a row.
  [[nodiscard]] int compare(std::uint32_t row) const {
    if (column->type != catalog::ColumnType::json) return compare_key(column->order_key(row));
    const std::string_view text = column->dictionary.texts.at(row);
    if (text.empty() || null) return compare_nulls(text.empty());
    const int compared = text.compare(document);
    return descending ? -compared : compared;
  }

 private:
  // A null is last in both directions. Requires: at least one is null.
  [[nodiscard]] int compare_nulls(bool other) const { return other == null ? 0 : other ? 1 : -1; }
};

// The row after which a page begins, as keys of one reader. Refers to the plan and the reader.
struct SeekRow {
  std::vector<SeekKey> keys{};  // those of resolve_order(), or the first of them
  int when_alike = 0;           // what compare() returns for rows alike in all keys

  // Where a row of the index is in the order: negative if it is before the seek, 0 if alike in its keys.
  [[nodiscard]] int compare(std::uint32_t row) const { return compare(row, keys.size()); }
  // The same by the first `count` keys alone.
  [[nodiscard]] int compare(std::uint32_t row, std::size_t count) const {
    for (std::size_t i = 0; i < count; ++i) {
      if (const int compared = keys[i].compare(row); compared != 0) return compared;
    }
    return count == keys.size() ? when_alike : 0;
  }
  [[nodiscard]] bool before(std::uint32_t row) const { return compare(row) < 0; }
  // Returns the rank of the seek by its key `k`, which is that of `by`; nullopt if no row needs to have it.
  // Of rows alike in the keys before, those of a lower rank are before the seek, and those of a greater one
  // are not.
  [[nodiscard]] std::optional<std::uint64_t> rank(std::size_t k, const SortKey& by) const {
    if (k >= keys.size() || keys[k].column != by.column || by.column->type == catalog::ColumnType::json)
      return std::nullopt;
    if (keys[k].null) return by.column->nullable ? std::optional(by.rank(by.column->null_key)) : std::nullopt;
    return keys[k].exact ? std::optional(by.rank(keys[k].key)) : std::nullopt;
  }
};

// Returns nullopt if a key is not of its column's type, as one of another snapshot may be. Requires: the plan
// has a seek, and the index supports its shape.
[[nodiscard]] std::optional<SeekRow> resolve_seek(const query::Plan& plan, const Reader& reader,
                                                  const Lookup& lookup);

// Returns the first row of the range, as it is walked, that follows the seek in the `stored` first keys of
// the order; the row after it if it is walked backward. Requires: the rows are stored in the order of these
// keys.
[[nodiscard]] std::uint32_t end_of_alike(const SeekRow& seek, bool forward, std::size_t stored,
                                         const Lookup& lookup);

}  // namespace offloader::index
