#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "offloader/executor/testing/random_project.h"

// The pools that random values are taken from. They are small, so that filters match and groups have several
// rows.
namespace offloader::executor::testing::model {

extern const std::vector<std::string> kTexts;
extern const std::vector<std::int64_t> kIntegers;
extern const std::vector<std::int64_t> kBigs;
extern const std::vector<std::string> kUuids;

// Returns a random value for the column, never null.
[[nodiscard]] Cell random_cell(const Column& column, Random& random);
// Returns the SQL type of a nested Parquet column.
[[nodiscard]] const std::string& random_nested_type(Random& random);

inline std::size_t below(Random& random, std::size_t bound) {
  return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
}
inline bool chance(Random& random, int percent) {
  return static_cast<int>(below(random, 100)) < percent;
}
template <typename T>
const T& pick(Random& random, const std::vector<T>& pool) {
  return pool[below(random, pool.size())];
}

}  // namespace offloader::executor::testing::model
