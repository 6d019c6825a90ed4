#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "aggregate.h"
#include "offloader/index/lookup.h"
#include "offloader/index/reader.h"
#include "offloader/query/plan.h"

// The groups of a plan while they are found, shared by the steps of execute_groups().
namespace offloader::index {

inline constexpr std::uint32_t kNoGroup = 0xFFFF'FFFFU;

// A projection of the plan: a group column, or an aggregate with its place among them.
struct Output {
  const Column* column = nullptr;
  std::optional<std::size_t> aggregate;
  bool of_run = false;  // a group column whose key the run directory has
};

struct GroupOrder {
  std::size_t projection = 0;
  bool descending = false;
};

// The groups found so far. A group's key is that of its first row; its aggregates stand side by side.
struct Groups {
  std::vector<Output> outputs;
  std::vector<const Column*> columns;  // grouped by, those with one value left out
  std::vector<ColumnAggregate> aggregates;
  std::vector<std::uint32_t> first_rows;
  std::vector<Accumulator> accumulators;
  std::vector<Range> runs;
  std::vector<Range> stored_runs;    // of each group, when groups are runs of the run directory
  std::vector<std::uint32_t> table;  // dense or hashed: group numbers
  std::vector<std::uint32_t> order;
  std::vector<std::uint32_t> batch_groups;
  std::vector<std::uint64_t> batch_keys;
  std::vector<GroupOrder> keys;
  std::vector<Output> cells;  // of a row, as the plan names them

  [[nodiscard]] std::size_t size() const { return first_rows.size(); }
  [[nodiscard]] Accumulator* of(std::size_t group) { return accumulators.data() + group * aggregates.size(); }

  std::uint32_t add(std::uint32_t row) {
    first_rows.push_back(row);
    accumulators.resize(accumulators.size() + aggregates.size());
    return static_cast<std::uint32_t>(first_rows.size() - 1);
  }
  [[nodiscard]] bool same(std::uint32_t a, std::uint32_t b) const {
    for (const Column* column : columns) {
      if (column->order_key(a) != column->order_key(b)) return false;
    }
    return true;
  }
};

// How a step ended.
enum class Found { complete, cancelled, too_many };

// The calling thread's, which keeps its memory from plan to plan.
[[nodiscard]] Groups& thread_groups();

// Starts on a plan: its outputs, group columns and aggregates; no groups yet.
void resolve_groups(const query::PlanShape& shape, const Reader& reader, const Lookup& lookup,
                    Groups& groups);

// The order's keys that can decide, into `groups.keys`. Requires: resolved.
void resolve_group_order(const query::PlanShape& shape, const Lookup& lookup, Groups& groups);

// Gives back what an unusually large answer took.
void shrink(Groups& groups);

}  // namespace offloader::index
