#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/query/compiler.h"
#include "offloader/query/value.h"

// Where a page of an answer ended, so that the next one begins after it (consumer-api.md, "Cursors").
namespace offloader::query {

struct Cursor {
  std::string contract{};  // fingerprint of the contract
  std::string snapshot{};  // fingerprint of the snapshot in which the first page was read
  RequestMoment moment{};  // what relative defaults counted from on the first page
  // The order keys of the last row, as many as the order of the shape has, or fewer; Nothing is null.
  std::vector<Value> keys{};
  std::uint64_t equal = 0;     // rows that are equal in all `keys` and were given
  std::uint64_t position = 0;  // rows before the next page, of all pages so far
  bool moved = false;          // some pages were of another snapshot: `position` is not one in this snapshot

  friend bool operator==(const Cursor&, const Cursor&) = default;
};

// Returns its bytes, which are to be sealed: equal cursors have equal bytes. Pure.
[[nodiscard]] std::string encode(const Cursor& cursor);

// Returns nullopt unless encode() made the bytes. Takes linear time, and memory in proportion to the bytes.
[[nodiscard]] std::optional<Cursor> decode_cursor(std::string_view bytes);

// Makes the plan of the first page go on after the cursor. `same`: the snapshot that answers is the one that
// the cursor names. Returns false, with the plan unchanged, if the cursor is of another order of columns.
[[nodiscard]] bool continue_at(Plan& plan, const Cursor& cursor, bool same);

// Returns the cursor of the page after the plan's, which had `rows` rows and ended at `end`. Reads of the
// plan only its shape and where it begins. `before` is the cursor that the page went on at; null: none. Of
// the fields, contract, snapshot and moment are left to the caller. The cursor has as many keys as fit into
// `most_bytes` and as are known to be enough; without keys it goes on at its position.
[[nodiscard]] Cursor next_cursor(const Plan& plan, const Cursor* before, const PageEnd& end,
                                 std::int64_t rows, std::size_t most_bytes);

// Returns the data that the cursor of a request is bound to: the endpoint, the tenant and the params but
// `limit`, `offset`, `format` and `cursor`, whatever their order. Independent of defaults, which may count
// from today.
[[nodiscard]] std::string cursor_binding(std::string_view endpoint,
                                         const std::optional<catalog::Tenant>& tenant, const Params& params);

}  // namespace offloader::query
