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

// What a request asks for.
struct Asked {
  std::int64_t limit = 0;
  std::int64_t offset = 0;
  std::vector<bool> shown;  // of the endpoint's selects
  std::vector<Bound> bounds{};
};

// What the contract makes of a request; nullopt when it is wrong.
[[nodiscard]] std::optional<Asked> read_params(const Table& table, const Endpoint& endpoint,
                                               const Query& query);

}  // namespace offloader::executor::testing::model
