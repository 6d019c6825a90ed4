#include "group_scan.h"

#include "group_numbers.h"
#include "offloader/index/width.h"
#include "scan.h"

namespace offloader::index {
namespace {

// Numbers rows of which those of one group follow each other.
class RunNumbers {
 public:
  explicit RunNumbers(Groups& groups) : groups_(groups) {}

  // Sets `batch_groups[i]` to the group of `rows[i]`, and adds new groups.
  void number(std::span<const std::uint32_t> rows) {
    groups_.batch_groups.resize(rows.size());
    const bool by_key =
        groups_.columns.size() == 1 && groups_.columns[0]->type != catalog::ColumnType::float64;
    if (by_key) {
      const Column& column = *groups_.columns[0];
      with_width(column.width, [&]<typename Stored>(Stored) {
        const auto* const keys = reinterpret_cast<const Stored*>(column.values);
        number(rows, [&](std::uint32_t first, std::uint32_t row) { return keys[first] == keys[row]; });
      });
    } else {
      number(rows, [&](std::uint32_t first, std::uint32_t row) { return groups_.same(first, row); });
    }
  }

 private:
  template <typename Same>
  void number(std::span<const std::uint32_t> rows, Same same) {
    auto group = static_cast<std::uint32_t>(groups_.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (group == 0 || !same(groups_.first_rows[group - 1], rows[i])) group = groups_.add(rows[i]) + 1;
      groups_.batch_groups[i] = group - 1;
    }
  }

  Groups& groups_;
};

template <typename Numbers>
Found scan(Groups& groups, Numbers numbers, const Lookup& lookup, const CancelFlag* cancel,
           std::size_t most) {
  bool too_many = false;
  const bool finished = scan_rows(lookup, true, cancel, [&](std::span<const std::uint32_t> rows) {
    numbers.number(rows);
    find_stretches(groups.batch_groups, groups.batch_stretches);
    const BatchGroups of_batch{groups.batch_groups.data(), groups.batch_stretches};
    for (std::size_t a = 0; a < groups.aggregates.size(); ++a) {
      groups.aggregates[a].add_rows(groups.accumulators.data() + a, groups.aggregates.size(), rows, of_batch,
                                    groups.scratch);
    }
    too_many = groups.size() > most || overflow(groups);
    return !too_many;
  });
  if (!finished) return Found::cancelled;
  return too_many ? Found::too_many : Found::complete;
}

}  // namespace

Found scan_groups(Groups& groups, const Lookup& lookup, bool in_runs, const CancelFlag* cancel,
                  std::size_t most) {
  return in_runs ? scan(groups, RunNumbers(groups), lookup, cancel, most)
                 : scan(groups, GroupNumbers(groups, lookup.rows), lookup, cancel, most);
}

}  // namespace offloader::index
