#pragma once

#include <cstdint>
#include <vector>

#include "offloader/query/value.h"

// Where pages of an answer begin and end, by the values of rows. Value types.
namespace offloader::query {

// The page begins after the rows that come before `keys`, and after `skip` of the rows that are alike in
// them. All of those rows are skipped if there are fewer.
struct Seek {
  // The first order keys of a row, at least one, in the order of the shape; Nothing is null.
  std::vector<Value> keys{};
  std::int64_t skip = 0;
  // The keys may be of another snapshot, so that fewer than `skip` rows may be alike in them.
  bool foreign = false;
};

// Whether two order keys are alike: like ==, but a NaN equals a NaN, and null equals null. Pure.
[[nodiscard]] bool same_key(const Value& a, const Value& b);

// The last row of a page.
struct PageEnd {
  std::vector<Value> keys{};  // all of its order keys; Nothing is null
  // For each number of keys: how many rows at the end of the page are alike in the first ones; [0] is the
  // number of rows.
  std::vector<std::int64_t> alike{};

  friend bool operator==(const PageEnd&, const PageEnd&) = default;
};

}  // namespace offloader::query
