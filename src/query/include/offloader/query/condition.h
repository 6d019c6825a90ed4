#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include "offloader/catalog/sized_type.h"
#include "offloader/query/comparison.h"
#include "offloader/query/value.h"

// What a plan asks of a row: conditions on single columns. A condition is part of a shape; the value that it
// compares with is part of a plan.
namespace offloader::query {

// Compares the column with one value. False for null, unless `or_null`.
struct Compare {
  Compare() = default;
  // Implicit, so that a condition can be written as {column, type, Comparison::eq}.
  Compare(Comparison how) : comparison(how) {}
  Compare(Comparison how, bool with_nulls) : comparison(how), or_null(with_nulls) {}

  Comparison comparison = Comparison::eq;
  bool or_null = false;  // only with `ne`
};

// Compares the day of a TIMESTAMP or TIMESTAMPTZ, in the condition's zone, with a Date. False for null,
// unless `or_null`.
struct CompareDay {
  Comparison comparison = Comparison::eq;
  bool or_null = false;  // only with `ne`
};

// Looks the column up in a list. An empty list contains nothing. False for null, unless `or_null`.
struct Among {
  bool negated = false;  // the column is not in the list
  bool or_null = false;  // only if negated
  bool by_day = false;   // the list has dates, and the column is a TIMESTAMP or TIMESTAMPTZ: compares its day
};

// Searches for a text in a VARCHAR column, without wildcards. False for null.
struct Match {
  enum class How : std::uint8_t {
    prefix,
    contains,
    icontains,  // both sides in lower case, code point by code point
  };
  How how = How::prefix;
};

// The value says whether the column must be null.
struct NullTest {};

using Test = std::variant<Compare, Among, Match, NullTest, CompareDay>;

struct Condition {
  std::size_t column = 0;  // index into the dataset's schema
  catalog::SizedType type = catalog::ColumnType::varchar;
  Test test{};
  // Conditions with the same number other than 0 are alternatives: one of them must hold. They follow each
  // other, and there are at least two.
  std::size_t any = 0;
  std::string zone{};  // in which tests compare days; empty: UTC

  [[nodiscard]] bool is(Comparison comparison) const {
    const Compare* const compare = std::get_if<Compare>(&test);
    return compare != nullptr && compare->comparison == comparison && !compare->or_null;
  }
};

// Conditions with what they compare with. A view.
struct BoundConditions {
  std::span<const Condition> conditions{};
  std::span<const Value> values{};     // one per condition; of one that is Among a placeholder
  std::span<const ValueList> lists{};  // one per condition that is Among, in their order
  bool never = false;                  // nothing matches, whatever the values are
};

}  // namespace offloader::query
