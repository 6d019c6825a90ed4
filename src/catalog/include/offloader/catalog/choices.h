#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

// What a contract lets the caller choose, and the rows that it keeps of each group (project-files.md). Value
// types; indices are into the endpoint's select.
namespace offloader::catalog {

// The columns among which the param `by` chooses those to group by.
struct GroupChoice {
  std::vector<std::size_t> among;
  std::vector<std::size_t> standard;  // without `by`; some of `among`
  std::optional<std::int64_t> most;   // how many may be chosen

  friend bool operator==(const GroupChoice&, const GroupChoice&) = default;
};

// What the param `totals` may ask for.
struct TotalsOffer {
  bool rows = false;   // the number of rows of the whole answer
  bool grand = false;  // the aggregates over all rows that match the filters

  [[nodiscard]] bool any() const { return rows || grand; }
  friend bool operator==(const TotalsOffer&, const TotalsOffer&) = default;
};

inline constexpr std::array<std::string_view, 2> kTotals = {"rows", "grand"};

// Keeps the first `limit` rows by `by`, descending, of each group of rows alike in `per`.
struct Top {
  std::vector<std::size_t> per;
  std::size_t by = 0;
  std::int64_t limit = 1;

  friend bool operator==(const Top&, const Top&) = default;
};

}  // namespace offloader::catalog
