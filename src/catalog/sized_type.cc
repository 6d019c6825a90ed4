#include "offloader/catalog/sized_type.h"

#include <fmt/format.h>

#include <charconv>

#include "offloader/base/ascii.h"

namespace offloader::catalog {
namespace {

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  text = trim(text);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string name_of(const SizedType& type) {
  if (type.type != ColumnType::decimal) return std::string(name_of(type.type));
  return fmt::format("{}({},{})", name_of(type.type), type.size.precision, type.size.scale);
}

std::optional<SizedType> column_type_of(std::uint64_t number, std::uint64_t precision, std::uint64_t scale) {
  const auto type = column_type_numbered(number);
  if (!type) return std::nullopt;
  if (*type != ColumnType::decimal) {
    return precision == 0 && scale == 0 ? std::optional<SizedType>(*type) : std::nullopt;
  }
  if (precision < 1 || precision > kMostDecimalDigits || scale > precision) return std::nullopt;
  return decimal_type(static_cast<int>(precision), static_cast<int>(scale));
}

std::optional<SizedType> parse_column_type(std::string_view text) {
  constexpr std::string_view kDecimal = name_of(ColumnType::decimal);
  if (!text.starts_with(kDecimal)) {
    const ColumnTypeRow* row = find_row(kColumnTypes, &ColumnTypeRow::name, text);
    return row == nullptr ? std::nullopt : std::optional<SizedType>(row->type);
  }
  text.remove_prefix(kDecimal.size());
  const std::size_t comma = text.find(',');
  if (!text.starts_with('(') || !text.ends_with(')') || comma == std::string_view::npos) return std::nullopt;
  const auto precision = parse_size(text.substr(1, comma - 1));
  const auto scale = parse_size(text.substr(comma + 1, text.size() - comma - 2));
  if (!precision || !scale) return std::nullopt;
  return column_type_of(number_of(ColumnType::decimal), *precision, *scale);
}

std::string decimal_hint(std::string_view text) {
  constexpr std::array<std::string_view, 4> kWords = {"DECIMAL", "NUMERIC", "NUMBER", "DEC("};
  bool decimal = false;
  for (const std::string_view word : kWords) decimal = decimal || ascii::istarts_with(text, word);
  if (!decimal) return {};
  // In a flow mapping, YAML ends a plain text at a comma: {name: amount, type: DECIMAL(12,2)}.
  if (text.find('(') != std::string_view::npos && text.find(')') == std::string_view::npos)
    return "quote it, because a comma ends a text inside braces: type: \"DECIMAL(12,2)\"";
  return "write DECIMAL(p,s), for example DECIMAL(12,2): p digits, 1 to 38, and s of them after the point";
}

}  // namespace offloader::catalog
