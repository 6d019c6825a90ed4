#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

// Lookups in the tables of column types, param types, aggregates and operators. The tables are short, so the
// search is linear. Pure.
namespace offloader::catalog {

// Returns the row whose `member` equals `key`, or null.
template <typename Row, std::size_t N, typename Key>
[[nodiscard]] constexpr const Row* find_row(const std::array<Row, N>& rows, Key Row::*member,
                                            const std::type_identity_t<Key>& key) {
  for (const Row& row : rows) {
    if (row.*member == key) return &row;
  }
  return nullptr;
}

// Returns whether every row has a different value of `member`.
template <typename Row, std::size_t N, typename Key>
[[nodiscard]] consteval bool unique_in(const std::array<Row, N>& rows, Key Row::*member) {
  return std::all_of(rows.begin(), rows.end(),
                     [&](const Row& row) { return find_row(rows, member, row.*member) == &row; });
}

// Returns whether the rows cover the enumerators 0 to `last`, each exactly once, in any order.
template <typename Row, std::size_t N, typename Enum>
[[nodiscard]] consteval bool complete(const std::array<Row, N>& rows, Enum Row::*member,
                                      std::type_identity_t<Enum> last) {
  return N == static_cast<std::size_t>(last) + 1 && unique_in(rows, member) &&
         std::all_of(rows.begin(), rows.end(), [&](const Row& row) { return row.*member <= last; });
}

// Returns the names of a table in its order, as the accepted words of a field.
template <typename Row, std::size_t N>
[[nodiscard]] constexpr std::array<std::string_view, N> words_of(const std::array<Row, N>& rows) {
  std::array<std::string_view, N> words;
  std::transform(rows.begin(), rows.end(), words.begin(), [](const Row& row) { return row.name; });
  return words;
}

}  // namespace offloader::catalog
