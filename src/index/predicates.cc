#include "predicates.h"

#include <algorithm>

#include "offloader/catalog/time_zone.h"

namespace offloader::index {

const Column* Predicates::column_of(const query::Condition& condition) const {
  const Column* const column = reader_.column(condition.column);
  return column == nullptr || column->type != condition.type ? nullptr : column;
}

bool Predicates::resolve() {
  const auto& conditions = bound_.conditions;
  for (std::size_t i = 0; i < conditions.size();) {
    std::size_t end = i + 1;
    while (conditions[i].any != 0 && end < conditions.size() && conditions[end].any == conditions[i].any)
      ++end;
    // `never` means that some value cannot occur in its column, so it cannot be converted to a key. The
    // tenant's value is still checked.
    const bool skipped = bound_.never && (i > 0 || !tenant_first_);
    if (skipped) {
      for (std::size_t k = i; k < end; ++k) {
        if (column_of(conditions[k]) == nullptr) return false;
      }
    } else if (!(end == i + 1 ? add_condition(i) : add_any(i, end))) {
      return false;
    }
    i = end;
  }
  return true;
}

bool Predicates::add_condition(std::size_t index) {
  const query::Condition& condition = bound_.conditions[index];
  const Column* const column = column_of(condition);
  if (column == nullptr) return false;
  const auto* const compare = std::get_if<query::Compare>(&condition.test);
  if (compare != nullptr && compare->comparison != query::Comparison::ne) {
    const auto compared = keys_of_comparison(*column, compare->comparison, bound_.values[index]);
    if (!compared) return false;
    nothing_ = nothing_ || compared->empty;
    return nothing_ || add(*column, compared->keys);
  }
  std::vector<Interval> keys;
  return keys_of(index, *column, keys) && add(*column, std::move(keys));
}

bool Predicates::keys_of(std::size_t index, const Column& column, std::vector<Interval>& keys) {
  const query::Condition& condition = bound_.conditions[index];
  const auto offset = catalog::fixed_offset(condition.zone);
  if (!offset) return false;
  const query::ValueList* list = nullptr;
  if (std::holds_alternative<query::Among>(condition.test)) {
    if (next_list_ == bound_.lists.size()) return false;
    list = &bound_.lists[next_list_++];
  }
  return keys_of_test(column, condition.test, bound_.values[index], list, *offset * std::int64_t{1'000'000},
                      keys);
}

// Alternatives on one column are a condition on it. Others can only be tested row by row.
bool Predicates::add_any(std::size_t begin, std::size_t end) {
  const auto& conditions = bound_.conditions;
  std::vector<Interval> together;
  const std::size_t before = lookup_.any.size();
  for (std::size_t i = begin; i < end; ++i) {
    const Column* const column = column_of(conditions[i]);
    std::vector<Interval> keys;
    if (column == nullptr || !keys_of(i, *column, keys)) return false;
    if (!keys.empty()) lookup_.any.push_back(predicate_of(*column, keys));
    together.insert(together.end(), keys.begin(), keys.end());
  }
  if (lookup_.any.size() == before) {
    nothing_ = true;
    return true;
  }
  const Column* const first = lookup_.any[before].column;
  const bool one_column =
      std::all_of(lookup_.any.begin() + static_cast<std::ptrdiff_t>(before), lookup_.any.end(),
                  [&](const Predicate& each) { return each.column == first; });
  if (!one_column) {
    lookup_.any_ends.push_back(lookup_.any.size());
    return true;
  }
  lookup_.any.resize(before);
  join_intervals(together);
  return add(*first, std::move(together));
}

Predicate Predicates::predicate_of(const Column& column, const std::vector<Interval>& keys) {
  Predicate predicate{.column = &column, .low = keys.front().low, .high = keys.back().high};
  if (keys.size() > 1) {
    predicate.first_piece = static_cast<std::uint32_t>(lookup_.pieces.size());
    predicate.pieces = static_cast<std::uint32_t>(keys.size());
    lookup_.pieces.insert(lookup_.pieces.end(), keys.begin(), keys.end());
  }
  return predicate;
}

bool Predicates::add(const Column& column, const Interval& keys) {
  std::size_t at = 0;
  while (at < lookup_.predicate_count && lookup_.predicates[at].column != &column) ++at;
  if (at == Lookup::kMaxPredicates) return false;
  Predicate& predicate = lookup_.predicates[at];
  if (at < lookup_.predicate_count && predicate.pieces != 0) return add(column, std::vector<Interval>{keys});
  if (at == lookup_.predicate_count) {
    predicate = {.column = &column, .low = keys.low, .high = keys.high};
    ++lookup_.predicate_count;
  } else {
    predicate.low = std::max(predicate.low, keys.low);
    predicate.high = std::min(predicate.high, keys.high);
  }
  nothing_ = nothing_ || predicate.low > predicate.high;
  return true;
}

bool Predicates::add(const Column& column, std::vector<Interval> keys) {
  if (keys.empty()) nothing_ = true;
  if (nothing_) return true;
  std::size_t at = 0;
  while (at < lookup_.predicate_count && lookup_.predicates[at].column != &column) ++at;
  if (at == Lookup::kMaxPredicates) return false;
  if (at == lookup_.predicate_count) {
    ++lookup_.predicate_count;
  } else {
    const Predicate& before = lookup_.predicates[at];
    const Interval whole{before.low, before.high};
    const std::span<const Interval> pieces =
        before.pieces == 0
            ? std::span(&whole, 1)
            : std::span<const Interval>(lookup_.pieces).subspan(before.first_piece, before.pieces);
    keys = common_keys(pieces, keys);
    nothing_ = keys.empty();
    if (nothing_) return true;
  }
  lookup_.predicates[at] = predicate_of(column, keys);
  return true;
}

void mark_members(Lookup& lookup) {
  constexpr std::uint64_t kMostMarks = 1 << 16;
  constexpr std::uint32_t kFewPieces = 2;
  const auto mark = [&](Predicate& predicate) {
    const std::uint64_t span = predicate.high - predicate.low;
    // Clearing the marks must not cost more than processing the rows.
    if (predicate.pieces <= kFewPieces || span >= std::min(kMostMarks, lookup.rows * 4)) return;
    const std::size_t begin = lookup.members.size();
    lookup.members.resize(begin + span + 1, 0);
    predicate.members = static_cast<std::uint32_t>(begin) + 1;
    for (std::uint32_t i = 0; i < predicate.pieces; ++i) {
      const Interval& piece = lookup.pieces[predicate.first_piece + i];
      for (std::uint64_t key = piece.low; key <= piece.high; ++key)
        lookup.members[begin + (key - predicate.low)] = 1;
    }
  };
  for (std::size_t i = 0; i < lookup.predicate_count; ++i) mark(lookup.predicates[i]);
  for (Predicate& predicate : lookup.any) mark(predicate);
}

}  // namespace offloader::index
