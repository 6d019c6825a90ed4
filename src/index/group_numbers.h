#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "groups.h"

namespace offloader::index {

// Assigns group numbers to rows: by a table of all possible keys if there are few, else by hashing. Adds new
// groups to `groups`, which must outlive it, and grows its accumulators. One thread.
class GroupNumbers {
 public:
  // `rows`: how many will be numbered, or more. Requires: `groups` has none yet.
  GroupNumbers(Groups& groups, std::uint64_t rows);

  // Sets `groups.batch_groups[i]` to the group of `rows[i]`.
  void number(std::span<const std::uint32_t> rows);

 private:
  template <typename Stored>
  void mix(const Column& column, std::span<const std::uint32_t> rows);
  std::uint32_t of_dense(std::uint64_t key, std::uint32_t row);
  std::uint32_t of_hash(std::uint64_t hash, std::uint32_t row);
  void grow();

  Groups& groups_;
  bool dense_ = false;
  std::vector<std::uint64_t> hashes_;  // of each group
};

}  // namespace offloader::index
