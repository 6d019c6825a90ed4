#include "offloader/catalog/tenant_text.h"

#include <charconv>
#include <limits>
#include <string>

#include "offloader/base/uuid.h"

namespace offloader::catalog {

std::optional<std::int64_t> parse_tenant_integer(std::string_view text, ColumnType type) {
  if (type != ColumnType::integer && type != ColumnType::bigint) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || std::to_string(number) != text) return std::nullopt;
  using Int32 = std::numeric_limits<std::int32_t>;
  if (type == ColumnType::integer && (number < Int32::min() || number > Int32::max())) return std::nullopt;
  return number;
}

bool is_tenant_uuid(std::string_view text) {
  const auto uuid = parse_uuid(text);
  if (!uuid) return false;
  std::string canonical;
  append_uuid(canonical, *uuid);
  return canonical == text;
}

}  // namespace offloader::catalog
