#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "offloader/base/json_text.h"
#include "offloader/base/result.h"
#include "offloader/base/uuid.h"
#include "offloader/catalog/sized_type.h"
#include "offloader/rows/batch.h"

// The values of a batch in the types of an answer, for the formats that have types of their own. A snapshot
// may store another numeric type than the contract declares, and UUIDs and documents are texts there. Pure;
// any thread.
namespace offloader::rows {

// Whether values of the type are texts.
[[nodiscard]] bool is_text(catalog::ColumnType type);

// Whether the column's values are an array of what the type is stored as: a bool, an integer of 32 or 64
// bits, a double, days, microseconds, or a decimal as a Wide with the type's scale.
[[nodiscard]] bool is_stored_as(const Column& column, catalog::SizedType type);

// The bytes of such a value. Requires: not a text.
[[nodiscard]] std::size_t stored_bytes(catalog::ColumnType type);

// Returns the value of a row in an integer or decimal type, unscaled. nullopt if the type cannot hold it
// exactly: a snapshot may store a wider type than the contract declares. Requires: the row is not null, and
// the column is numeric.
[[nodiscard]] std::optional<Int128> exact_at(const Column& column, std::size_t row, catalog::SizedType type);

// The error of an answer with a value for which exact_at() returns nullopt.
[[nodiscard]] Error value_refused(catalog::SizedType type);

// Returns the value of a row as a double. Requires: as exact_at().
[[nodiscard]] double double_at(const Column& column, std::size_t row);

using UuidText = std::array<char, kUuidBytes>;

// Returns the text of a row: a view of the batch, or of `uuid`. Requires: the row is not null, and the column
// is a text, a UUID or a document.
[[nodiscard]] inline std::string_view text_at(const Column& column, std::size_t row, UuidText& uuid) {
  if (column.kind == Kind::uuid) {
    const Wide words = column.at<Wide>(row);
    write_uuid(uuid.data(), {words.high, words.low});
    return {uuid.data(), uuid.size()};
  }
  if (column.dictionary != nullptr) return column.dictionary->texts.at(column.at<std::uint32_t>(row));
  return column.at<std::string_view>(row);
}

}  // namespace offloader::rows
