#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "offloader/catalog/column.h"

namespace offloader::catalog {

// A tenant of an INTEGER or BIGINT column: canonical text (no sign but `-`, no leading zeros, no `-0`) and
// within the column's range. Two spellings of one tenant would be two tenants to a cache.
[[nodiscard]] std::optional<std::int64_t> parse_tenant_integer(std::string_view text, ColumnType type);

}  // namespace offloader::catalog
