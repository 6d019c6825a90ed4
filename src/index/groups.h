#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "aggregate.h"
#include "bucket_cut.h"
#include "offloader/index/lookup.h"
#include "offloader/index/reader.h"
#include "offloader/query/plan.h"

// The state of a grouped execution, shared by the steps of execute_groups().
namespace offloader::index {

inline constexpr std::uint32_t kNoGroup = 0xFFFF'FFFFU;

// A projection of the plan: a group column, an aggregate, or an expression of aggregates.
struct Output {
  const Column* column = nullptr;           // null for the count of rows and for an expression
  std::optional<std::size_t> aggregate{};   // a position in Groups::aggregates
  bool of_run = false;                      // a group column whose key is in the run directory
  bool bucketed = false;                    // a group column whose values are cut by Groups::cut
  std::optional<std::size_t> expression{};  // a position in Groups::expressions

  [[nodiscard]] bool of_group() const { return aggregate || expression; }
};

// A number that a group has. Either member is used, as its type says.
struct GroupNumber {
  Int128 exact = 0;  // unscaled
  double real = 0;
  bool null = false;
};

struct GroupOrder {
  std::size_t projection = 0;
  bool descending = false;
};

// The groups found so far, numbered from 0. A group is identified by its first row. Its accumulators are
// adjacent. The vectors keep their capacity from plan to plan.
struct Groups {
  std::vector<Output> outputs;
  std::vector<const Column*> columns;  // grouped by, without those that have one value
  std::vector<ColumnAggregate> aggregates;
  std::vector<std::uint32_t> first_rows;
  std::vector<Accumulator> accumulators;
  std::vector<Range> runs;           // the rows of each group, if groups are runs
  std::vector<Range> stored_runs;    // the runs of each group, if the run directory is used
  std::vector<std::uint32_t> table;  // group numbers, by key or by hash
  std::vector<std::uint32_t> order;  // group numbers in output order
  std::vector<std::uint32_t> batch_groups;
  std::vector<Stretch> batch_stretches;
  std::vector<std::uint64_t> batch_keys;
  std::vector<GroupOrder> keys;
  std::vector<Output> cells;  // the columns of an output row
  std::optional<BucketCut> cut;
  // The bucketed column, if rows are grouped by its buckets and not by its values; else null.
  const Column* cut_column = nullptr;
  bool fills = false;  // buckets without rows are added
  // If buckets without rows are added: the number of the bucket of each group (BucketCut::first_number()),
  // and the first group that was added.
  std::vector<std::optional<std::int64_t>> bucket_numbers;
  std::size_t first_added = ~std::size_t{0};
  std::vector<std::vector<GroupNumber>> expressions;  // of each expression the value in each group
  std::vector<DistinctKeys> distinct;                 // of each count of distinct values
  AggregateScratch scratch;

  [[nodiscard]] std::size_t size() const { return first_rows.size(); }
  [[nodiscard]] Accumulator* of(std::size_t group) { return accumulators.data() + group * aggregates.size(); }

  // Adds a group that begins with this row. Returns its number.
  std::uint32_t add(std::uint32_t row) {
    first_rows.push_back(row);
    accumulators.resize(accumulators.size() + aggregates.size());
    return static_cast<std::uint32_t>(first_rows.size() - 1);
  }
  // Whether two rows belong to the same group.
  [[nodiscard]] bool same(std::uint32_t a, std::uint32_t b) {
    for (const Column* column : columns) {
      const std::uint64_t key_a = column->order_key(a);
      const std::uint64_t key_b = column->order_key(b);
      if (key_a == key_b) continue;
      if (column != cut_column || cut->place(key_a) != cut->place(key_b)) return false;
    }
    return true;
  }
  // The number of the bucket of a group; nullopt for null.
  [[nodiscard]] std::optional<std::int64_t> number_of(std::size_t group) {
    if (!bucket_numbers.empty()) return bucket_numbers[group];
    const std::uint64_t place = cut->place(cut->column().key(first_rows[group]));
    if (cut->is_null(place)) return std::nullopt;
    return cut->first_number() + static_cast<std::int64_t>(place);
  }
};

// How a step ended.
enum class Found { complete, cancelled, too_many };

// The calling thread's Groups, reused from plan to plan.
[[nodiscard]] Groups& thread_groups();

// Clears `groups` and sets the plan's outputs, group columns and aggregates.
void resolve_groups(const query::PlanShape& shape, const Reader& reader, const Lookup& lookup,
                    Groups& groups);

// Returns the keys of an order that can distinguish groups: no columns with one value, and nothing after all
// group columns. Requires: resolve_groups() was called.
void resolve_group_order(const std::vector<query::OrderKey>& order, const Lookup& lookup,
                         const Groups& groups, std::vector<GroupOrder>& keys);

// Whether there are more distinct values than the index counts.
[[nodiscard]] bool overflow(const Groups& groups);

// Frees the memory of an unusually large answer.
void shrink(Groups& groups);

}  // namespace offloader::index
