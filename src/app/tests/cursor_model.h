#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

// What a walk by cursor must give, worked out from whole answers alone. The order of an answer is known here
// too, so this shares nothing with the server.
namespace offloader::app::items {

// The columns by which the rows of an endpoint are ordered, and which of them descend.
using RowOrder = std::vector<std::pair<std::string, bool>>;

// Returns the order of an endpoint of endpoints(). Of an endpoint with groups: up to the last group column.
[[nodiscard]] RowOrder order_of(const std::string& endpoint);

// Returns where row `a` is compared to `b`: negative before it, 0 alike. Nulls come last.
[[nodiscard]] int compare(const RowOrder& order, const nlohmann::json& a, const nlohmann::json& b);

// A walk that has given some pages. The next page may be of a snapshot with other rows.
class WalkModel {
 public:
  explicit WalkModel(RowOrder order) : order_(std::move(order)) {}

  // Returns the rows that the walk has still to give in a snapshot with these rows: those after the last one
  // given, and of those alike with it in the whole order as many as are more than have been given.
  [[nodiscard]] nlohmann::json rest(const nlohmann::json& whole) const;
  // Adds a page to what has been given.
  void give(const nlohmann::json& page);

 private:
  RowOrder order_;
  nlohmann::json last_{};  // null: no row yet
  std::size_t alike_ = 0;  // rows given that are alike with the last one
};

}  // namespace offloader::app::items
