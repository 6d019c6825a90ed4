#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "offloader/executor/testing/reference_model.h"

namespace offloader::executor::testing::model {

// A condition on a column.
struct Bound {
  std::size_t column;
  std::string op;  // eq gte lte lt never
  Cell value;
};

// A parsed request.
struct Asked {
  std::int64_t limit = 0;
  std::int64_t offset = 0;
  std::vector<bool> shown;  // by index of the endpoint's selects
  std::vector<Bound> bounds{};
};

// Parses a request by its contract; nullopt if it is invalid.
[[nodiscard]] std::optional<Asked> read_params(const Table& table, const Endpoint& endpoint,
                                               const Query& query);

}  // namespace offloader::executor::testing::model
