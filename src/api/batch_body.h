#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/query/params.h"

namespace offloader::api {

// One request of a batch.
struct BatchedRequest {
  std::optional<std::string> id;  // the caller's, of at most kMaxId characters
  std::string endpoint;           // any text
  Result<query::Params> params;   // an error is the answer of this request alone
};

inline constexpr std::size_t kMaxId = 100;

// Reads the body of a batch: {"requests":[{"id"?, "endpoint", "params"?}, …]} with at most `most` requests.
// Takes linear time and no recursion. Fails with invalid_param if the text is no batch or not JSON at all;
// Error::problems then has at most 50 of the reasons. Pure.
[[nodiscard]] Result<std::vector<BatchedRequest>> read_batch(std::string_view body, std::size_t most);

// Returns about how many bytes the requests take.
[[nodiscard]] std::size_t bytes_of(const std::vector<BatchedRequest>& requests);

}  // namespace offloader::api
