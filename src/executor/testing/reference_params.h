#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "offloader/executor/testing/reference_model.h"
#include "reference_buckets.h"
#include "reference_choices.h"
#include "reference_filters.h"

namespace offloader::executor::testing::model {

// A parsed request.
struct Asked {
  std::int64_t limit = 0;
  std::int64_t offset = 0;
  std::vector<bool> shown;  // by index of the endpoint's selects
  std::vector<Condition> conditions{};
  Choices choices{};
  std::optional<Buckets> buckets{};
  DaysOf days = [](std::size_t) -> DayOf { return day_in_utc; };
  std::vector<Condition> having{};  // their column is the index of a select
};

// Parses a request by its contract; nullopt if it is invalid.
[[nodiscard]] std::optional<Asked> read_params(const Table& table, const Endpoint& endpoint,
                                               const Query& query);

}  // namespace offloader::executor::testing::model
