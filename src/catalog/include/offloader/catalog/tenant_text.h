#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "offloader/catalog/column.h"

namespace offloader::catalog {

// Parses the tenant of an INTEGER or BIGINT column. Returns nullopt unless the text is canonical (no `+`, no
// leading zeros, no `-0`) and within the column's range: a cache would treat two spellings of one tenant as
// two tenants.
[[nodiscard]] std::optional<std::int64_t> parse_tenant_integer(std::string_view text, ColumnType type);

// Whether the text is the canonical form of a UUID, 36 characters in lower case, as the tenant of a UUID
// column must be.
[[nodiscard]] bool is_tenant_uuid(std::string_view text);

}  // namespace offloader::catalog
