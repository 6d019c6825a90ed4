#pragma once

#include <vector>

#include "keys.h"
#include "offloader/index/lookup.h"

namespace offloader::index {

// Resolves conditions to the predicates of a lookup. Used by look_up() alone.
class Predicates {
 public:
  // `tenant_first`: the first condition is the tenant's.
  Predicates(const query::BoundConditions& bound, bool tenant_first, const Reader& reader, Lookup& lookup)
      : bound_(bound), tenant_first_(tenant_first), reader_(reader), lookup_(lookup), nothing_(bound.never) {}

  // Returns false if the index cannot answer.
  [[nodiscard]] bool resolve();
  // Whether no row can match.
  [[nodiscard]] bool nothing() const { return nothing_; }

 private:
  [[nodiscard]] const Column* column_of(const query::Condition& condition) const;
  [[nodiscard]] bool add_condition(std::size_t index);
  [[nodiscard]] bool add_any(std::size_t begin, std::size_t end);
  [[nodiscard]] bool add(const Column& column, const Interval& keys);
  [[nodiscard]] bool add(const Column& column, std::vector<Interval> keys);
  [[nodiscard]] bool keys_of(std::size_t index, const Column& column, std::vector<Interval>& keys);
  Predicate predicate_of(const Column& column, const std::vector<Interval>& keys);

  const query::BoundConditions bound_;
  const bool tenant_first_;
  const Reader& reader_;
  Lookup& lookup_;
  bool nothing_;
  std::size_t next_list_ = 0;
};

// Marks the matching keys of predicates with many intervals, if that costs less than searching for the key of
// each row. Requires: `lookup.rows` is set.
void mark_members(Lookup& lookup);

}  // namespace offloader::index
