#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "offloader/catalog/catalog.h"
#include "problems.h"
#include "select_names.h"
#include "sent_values.h"

namespace offloader::query {

// What a request chose among what its contract lists. Indices are into the endpoint's select.
struct Choice {
  std::vector<std::size_t> group{};      // the columns to group by, in the order given
  std::vector<catalog::OrderBy> sort{};  // empty: the contract's order
  bool rows = false;                     // totals
  bool grand = false;
  std::vector<bool> left_out{};  // of each select, whether it is a group column not chosen; empty: none is
  std::string key{};             // for ShapeKey: empty if grouping and order are the contract's

  [[nodiscard]] bool has(std::size_t select) const { return left_out.empty() || !left_out[select]; }
};

// What is wrong with a list of names whose quotes cannot be read, after the name of the param.
inline constexpr const char* kNoList = "is not a list: separate names by commas";

// Whether an endpoint offers a choice.
[[nodiscard]] bool offers_choice(const catalog::Endpoint& endpoint);

// Returns what a request without `by`, `sort` and `totals` chooses. Pure.
[[nodiscard]] Choice standard_choice(const catalog::Endpoint& endpoint);

// Reads `by`, `sort` and `totals`, and adds what is wrong with them to the problems. If `by` is wrong, the
// result has all columns, so that no other param is blamed for it. Pure.
[[nodiscard]] Choice read_choice(const catalog::Endpoint& endpoint, const SelectNames& names,
                                 const SentValues& request, Problems& problems);

// Returns the names of the columns that the answer has, for `allowed`.
[[nodiscard]] std::vector<std::string> chosen_columns(const catalog::Endpoint& endpoint,
                                                      const Choice& choice);

}  // namespace offloader::query
