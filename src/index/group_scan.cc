#include "group_scan.h"

#include <algorithm>

#include "scan.h"

namespace offloader::index {
namespace {

using catalog::ColumnType;

// Up to this many possible groups, a table of all of them is cheaper than hashing. It has 256 KiB, which fits
// into the L2 cache.
constexpr std::uint64_t kDenseGroups = 1 << 16;

// Assigns group numbers to rows: by a table of all possible keys if there are few, else by hashing.
class GroupNumbers {
 public:
  GroupNumbers(Groups& groups, std::uint64_t rows) : groups_(groups) {
    // Clearing the table must not cost more than processing the rows.
    const std::uint64_t most = std::min(kDenseGroups, std::max<std::uint64_t>(1024, rows * 4));
    std::uint64_t space = 1;
    for (const Column* column : groups.columns) {
      const std::uint64_t own = column->type == ColumnType::float64 ? 0 : column->key_space();
      if (own == 0 || own > most || space * own > most) {
        space = 0;
        break;
      }
      space *= own;
    }
    dense_ = space != 0;
    groups.table.assign(dense_ ? space : 4096, kNoGroup);
  }

  void number(std::span<const std::uint32_t> rows) {
    groups_.batch_groups.resize(rows.size());
    groups_.batch_keys.assign(rows.size(), 0);
    for (const Column* column : groups_.columns) {
      with_width(column->width, [&]<typename Stored>(Stored) { mix<Stored>(*column, rows); });
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      groups_.batch_groups[i] =
          dense_ ? of_dense(groups_.batch_keys[i], rows[i]) : of_hash(groups_.batch_keys[i], rows[i]);
    }
  }

 private:
  template <typename Stored>
  void mix(const Column& column, std::span<const std::uint32_t> rows) {
    const auto* keys = reinterpret_cast<const Stored*>(column.values);
    std::uint64_t* mixed = groups_.batch_keys.data();
    if (dense_) {
      // A damaged file may contain a key beyond the column's key space. Clamp it to stay within the table.
      const std::uint64_t space = column.key_space();
      for (std::size_t i = 0; i < rows.size(); ++i) {
        mixed[i] = mixed[i] * space + std::min<std::uint64_t>(keys[rows[i]], space - 1);
      }
      return;
    }
    const bool floating = column.type == ColumnType::float64;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::uint64_t key = floating ? unify_zero(keys[rows[i]]) : std::uint64_t{keys[rows[i]]};
      const std::uint64_t hash = (mixed[i] ^ key) * 0x9E3779B97F4A7C15ULL;
      mixed[i] = hash ^ (hash >> 29);
    }
  }

  std::uint32_t of_dense(std::uint64_t key, std::uint32_t row) {
    std::uint32_t& slot = groups_.table[key];
    if (slot == kNoGroup) slot = groups_.add(row);
    return slot;
  }

  std::uint32_t of_hash(std::uint64_t hash, std::uint32_t row) {
    if (groups_.size() * 2 >= groups_.table.size()) grow();
    std::vector<std::uint32_t>& table = groups_.table;
    const std::size_t mask = table.size() - 1;
    std::size_t at = hash & mask;
    for (; table[at] != kNoGroup; at = (at + 1) & mask) {
      if (groups_.same(groups_.first_rows[table[at]], row)) return table[at];
    }
    hashes_.push_back(hash);
    table[at] = groups_.add(row);
    return table[at];
  }

  void grow() {
    groups_.table.assign(groups_.table.size() * 2, kNoGroup);
    const std::size_t mask = groups_.table.size() - 1;
    for (std::size_t group = 0; group < hashes_.size(); ++group) {
      std::size_t at = hashes_[group] & mask;
      while (groups_.table[at] != kNoGroup) at = (at + 1) & mask;
      groups_.table[at] = static_cast<std::uint32_t>(group);
    }
  }

  Groups& groups_;
  bool dense_ = false;
  std::vector<std::uint64_t> hashes_;  // of each group
};

}  // namespace

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
