#pragma once

#include <vector>

#include "groups.h"

namespace offloader::index {

// A plan's conditions on groups, resolved against the groups' aggregates. Used by execute_groups() alone.
class GroupFilter {
 public:
  GroupFilter(const query::Plan& plan, Groups& groups);

  // False if a value is not of the type of what it is compared with.
  [[nodiscard]] bool valid() const { return valid_; }
  [[nodiscard]] bool holds(std::uint32_t group) const;

 private:
  struct Term {
    const query::Projection* projection = nullptr;
    const Output* output = nullptr;
    bool of_null = false;            // whether it holds for null
    bool by_key = false;             // compares the key of a column's value
    std::vector<Interval> keys{};    // those that match
    query::Comparison comparison{};  // otherwise, with a number in the type of the result
    GroupNumber number{};            // null: no number is equal to it
    bool floating = false;
  };
  [[nodiscard]] bool holds(const Term& term, std::uint32_t group) const;
  [[nodiscard]] bool resolve(const query::Condition& condition, const query::Value& value,
                             const query::ValueList* list, Term& term) const;

  Groups& groups_;
  std::vector<Term> terms_;
  bool valid_ = true;
};

// Computes the expressions, and fills `groups.order` with the groups of the answer: those that meet `having`
// and that `top` leaves, in the order of the top or as they were found. Requires: the groups are complete.
// Errors: `internal` if a number has too many digits.
[[nodiscard]] Result<void> list_groups(const query::Plan& plan, const Lookup& lookup, Groups& groups);

}  // namespace offloader::index
