#include "group_scan.h"

#include "group_numbers.h"
#include "scan.h"

namespace offloader::index {
Found scan_groups(Groups& groups, const Lookup& lookup, const CancelFlag* cancel, std::size_t most) {
  GroupNumbers numbers(groups, lookup.rows);
  bool too_many = false;
  const bool finished = scan_rows(lookup, true, cancel, [&](std::span<const std::uint32_t> rows) {
    numbers.number(rows);
    for (std::size_t a = 0; a < groups.aggregates.size(); ++a) {
      groups.aggregates[a].add_rows(groups.accumulators.data() + a, groups.aggregates.size(), rows,
                                    groups.batch_groups.data(), groups.scratch);
    }
    too_many = groups.size() > most || overflow(groups);
    return !too_many;
  });
  if (!finished) return Found::cancelled;
  return too_many ? Found::too_many : Found::complete;
}

}  // namespace offloader::index
