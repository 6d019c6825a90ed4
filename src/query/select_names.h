#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "offloader/catalog/catalog.h"

namespace offloader::query {

// The selects of an endpoint by name, which must outlive this. Immutable.
class SelectNames {
 public:
  explicit SelectNames(const catalog::Endpoint& endpoint) {
    for (std::size_t i = 0; i < endpoint.select.size(); ++i) by_name_.emplace_back(endpoint.select[i].as, i);
    std::sort(by_name_.begin(), by_name_.end());
  }

  // Returns the index of the select, or nullopt.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const {
    const auto found =
        std::lower_bound(by_name_.begin(), by_name_.end(), name,
                         [](const auto& entry, std::string_view key) { return entry.first < key; });
    return found != by_name_.end() && found->first == name ? std::optional(found->second) : std::nullopt;
  }

 private:
  std::vector<std::pair<std::string_view, std::size_t>> by_name_;
};

}  // namespace offloader::query
