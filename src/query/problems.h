#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/catalog/catalog.h"

namespace offloader::query {

// What is wrong with a request, so that a caller is told everything at once. Allocates nothing until there is
// a problem. Keeps the first 50 problems, and tells each only once.
class Problems {
 public:
  static constexpr std::size_t kMost = 50;
  static constexpr std::size_t kMostAllowed = 50;

  // `param` is empty if the problem concerns no single param, or one whose name must not be repeated.
  // `allowed` is cut to kMostAllowed.
  void add(std::string_view param, std::string message, std::vector<std::string> allowed = {});

  [[nodiscard]] bool empty() const { return found_ == nullptr; }
  // Requires: not empty.
  [[nodiscard]] tl::unexpected<Error> to_error() &&;

 private:
  std::shared_ptr<std::vector<Problem>> found_;
};

// Returns "param `name`".
[[nodiscard]] std::string in_quotes(std::string_view name);

// Lists of what a contract allows, each of at most Problems::kMostAllowed texts.
[[nodiscard]] std::vector<std::string> allowed_values(const catalog::Param& param);  // and the aliases
[[nodiscard]] std::vector<std::string> allowed_columns(const catalog::Endpoint& endpoint);
[[nodiscard]] std::vector<std::string> allowed_params(const catalog::Endpoint& endpoint);
[[nodiscard]] std::vector<std::string> allowed_formats(const catalog::Endpoint& endpoint);
[[nodiscard]] std::vector<std::string> allowed_combinations(const catalog::Endpoint& endpoint);

}  // namespace offloader::query
