#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "offloader/catalog/column_type.h"

namespace offloader::catalog {

inline constexpr std::uint8_t kMostDecimalDigits = 38;

// The size of a DECIMAL: its digits, and how many of them follow the point. Zeros for every other type.
struct DecimalSize {
  std::uint8_t precision = 0;
  std::uint8_t scale = 0;

  // The digits before the point.
  [[nodiscard]] constexpr int whole() const { return precision - scale; }
  friend constexpr bool operator==(const DecimalSize&, const DecimalSize&) = default;
};

// The type of a column: a row of the table of column types, and the size of a DECIMAL. Converts from and to
// ColumnType, because only DECIMAL has a size; a comparison with a ColumnType ignores it.
struct SizedType {
  ColumnType type = ColumnType::varchar;
  DecimalSize size{};

  constexpr SizedType() = default;
  constexpr SizedType(ColumnType of) : type(of) {}  // NOLINT(google-explicit-constructor): see above
  constexpr SizedType(ColumnType of, DecimalSize decimal) : type(of), size(decimal) {}
  constexpr operator ColumnType() const { return type; }  // NOLINT(google-explicit-constructor): see above

  friend constexpr bool operator==(const SizedType&, const SizedType&) = default;
  friend constexpr bool operator==(const SizedType& sized, ColumnType of) { return sized.type == of; }
};

[[nodiscard]] constexpr SizedType decimal_type(int precision, int scale) {
  return {ColumnType::decimal, {static_cast<std::uint8_t>(precision), static_cast<std::uint8_t>(scale)}};
}

// Returns the contract's spelling, `DECIMAL(12,2)`.
[[nodiscard]] std::string name_of(const SizedType& type);

// Parses the contract's spelling; a DECIMAL may have spaces beside its numbers. Returns nullopt for anything
// else, also for a DECIMAL without a size or of more than 38 digits.
[[nodiscard]] std::optional<SizedType> parse_column_type(std::string_view text);

// Returns the type with this row number and size; nullopt if there is none.
[[nodiscard]] std::optional<SizedType> column_type_of(std::uint64_t number, std::uint64_t precision,
                                                      std::uint64_t scale);

// What people may write as a type, in the order of the table.
inline constexpr auto kTypeSpellings = [] {
  std::array<std::string_view, kColumnTypes.size()> out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = spelling_of(kColumnTypes[i]);
  return out;
}();

// Returns what to write instead of a text that looks like a decimal type but is none; empty for other texts.
[[nodiscard]] std::string decimal_hint(std::string_view text);

}  // namespace offloader::catalog
