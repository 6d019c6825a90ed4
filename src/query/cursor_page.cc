// How a cursor begins a page, and how a page makes the next cursor.
#include <algorithm>
#include <cmath>

#include "offloader/query/cursor.h"

namespace offloader::query {
namespace {

constexpr std::int64_t kFurthest = std::int64_t{1} << 62;

std::int64_t bounded(std::uint64_t rows) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(rows, kFurthest));
}

std::size_t common_keys(const std::vector<Value>& a, const std::vector<Value>& b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end(), same_key).first -
                                  a.begin());
}

// Returns how many order keys tell the groups of an answer apart; all of them if it is not grouped.
std::size_t telling_keys(const PlanShape& shape) {
  std::size_t left = shape.group_by.size();
  for (std::size_t i = 0; i < shape.order.size() && left > 0; ++i) {
    const auto& by = shape.group_by;
    if (std::find(by.begin(), by.end(), shape.order[i].projection) != by.end() && --left == 0) return i + 1;
  }
  return shape.order.size();
}

// Returns how many rows alike in the first `keys` keys of the end have been given on all pages; nullopt if
// that is not known.
std::optional<std::int64_t> given_alike(const Plan& plan, const PageEnd& end, std::size_t keys,
                                        std::int64_t rows) {
  const PlanShape& shape = *plan.shape;
  const std::int64_t here = end.alike[keys];
  if (!shape.group_by.empty() && keys >= telling_keys(shape)) return here;
  if (here < rows) return here;
  if (!plan.after) return plan.offset == 0 ? std::optional(here) : std::nullopt;
  const std::vector<Value>& before = plan.after->keys;
  if (common_keys(before, end.keys) < std::min(keys, before.size())) return here;
  if (before.size() != keys) return std::nullopt;
  return here + plan.after->skip;
}

// An upper bound of the bytes of an encoded key.
std::size_t bytes_of(const Value& key) {
  constexpr std::size_t kNumber = 22;
  const auto* const text = std::get_if<std::string>(&key);
  return kNumber + (text == nullptr ? 0 : text->size());
}

}  // namespace

bool same_key(const Value& a, const Value& b) {
  const auto* const x = std::get_if<double>(&a);
  const auto* const y = std::get_if<double>(&b);
  if (x == nullptr || y == nullptr) return a == b;
  return *x == *y || (std::isnan(*x) && std::isnan(*y));
}

bool continue_at(Plan& plan, const Cursor& cursor, bool same) {
  if (cursor.keys.size() > plan.shape->order.size()) return false;
  // In the same snapshot, counting groups costs less than comparing them.
  const bool by_position = cursor.keys.empty() || (plan.shape->grouped() && same && !cursor.moved);
  if (by_position) {
    plan.offset = bounded(cursor.position);
  } else {
    plan.offset = 0;
    plan.after = Seek{.keys = cursor.keys, .skip = bounded(cursor.equal), .foreign = !same};
  }
  return true;
}

Cursor next_cursor(const Plan& plan, const Cursor* before, const PageEnd& end, std::int64_t rows,
                   std::size_t most_bytes) {
  Cursor next;
  next.position = static_cast<std::uint64_t>(rows) +
                  (before != nullptr ? before->position : static_cast<std::uint64_t>(plan.offset));
  next.moved = before != nullptr && (before->moved || (plan.after && plan.after->foreign));
  // Of a group, the others may be new values in another snapshot.
  const std::size_t most = telling_keys(*plan.shape);
  std::size_t fitting = 0;
  for (std::size_t bytes = 0; fitting < most; ++fitting) {
    bytes += bytes_of(end.keys[fitting]);
    if (bytes > most_bytes) break;
  }
  for (std::size_t keys = fitting; keys > 0; --keys) {
    const auto given = given_alike(plan, end, keys, rows);
    if (!given) continue;
    next.keys.assign(end.keys.begin(), end.keys.begin() + static_cast<std::ptrdiff_t>(keys));
    next.equal = static_cast<std::uint64_t>(*given);
    break;
  }
  return next;
}

}  // namespace offloader::query
