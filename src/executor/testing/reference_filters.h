#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "offloader/executor/testing/reference_model.h"

namespace offloader::executor::testing::model {

// What a filter asks of a row.
struct Condition {
  std::size_t column;
  std::size_t any;  // conditions with the same number other than 0 are alternatives
  std::function<bool(const Cell&)> holds;
};

// Returns the day of an instant, as a date param of the column means it.
using DayOf = std::function<std::int64_t(std::int64_t micros)>;

// Returns how the days of a column are meant.
using DaysOf = std::function<DayOf(std::size_t column)>;

// Returns the condition that a filter makes of its effective values, which are one unless its operator takes
// a list; nullopt if the request is invalid. `type` is that of the param.
[[nodiscard]] std::optional<Condition> condition_of(const Filter& filter, const Column& column,
                                                    const std::string& type,
                                                    const std::vector<std::string>& values,
                                                    const DayOf& day_of);

// The day in UTC.
[[nodiscard]] std::int64_t day_in_utc(std::int64_t micros);

[[nodiscard]] bool is_null(const Cell& cell);

// Returns the text in lower case, for the scripts that the texts of the tests are in.
[[nodiscard]] std::string lower(const std::string& text);

// Compares a decimal number in a text with another. Requires: both are digits with an optional sign and
// point.
[[nodiscard]] int compare_decimals(const std::string& a, const std::string& b);

}  // namespace offloader::executor::testing::model
