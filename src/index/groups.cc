#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <optional>

#include "aggregate.h"
#include "answer_batch.h"
#include "execute_parts.h"
#include "order.h"
#include "runs.h"
#include "scan.h"

namespace offloader::index {
namespace {

using catalog::Aggregate;
using catalog::ColumnType;

constexpr std::uint32_t kNoGroup = 0xFFFF'FFFFU;
// Up to this many possible groups a table of them all is cheaper than hashing: 256 KiB, which the second
// cache holds.
constexpr std::uint64_t kDenseGroups = 1 << 16;
constexpr std::size_t kKeptGroups = 1 << 16;

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

Groups& scratch() {
  thread_local Groups mine;
  return mine;
}

void resolve(const query::PlanShape& shape, const Reader& reader, const Lookup& lookup, Groups& groups) {
  groups.outputs.clear();
  groups.columns.clear();
  groups.aggregates.clear();
  groups.first_rows.clear();
  groups.accumulators.clear();
  groups.stored_runs.clear();
  for (const query::Projection& projection : shape.projections) {
    Output output{reader.column(projection.column), std::nullopt, false};
    if (projection.aggregate) {
      output.aggregate = groups.aggregates.size();
      groups.aggregates.emplace_back(*projection.aggregate, *output.column, reader.rows());
    }
    groups.outputs.push_back(output);
  }
  for (const std::size_t projection : shape.group_by) {
    const Column* column = groups.outputs[projection].column;
    const bool known =
        std::find(groups.columns.begin(), groups.columns.end(), column) != groups.columns.end();
    if (!known && !lookup.is_fixed(column)) groups.columns.push_back(column);
  }
}

// Whether the sums of whole runs are in the file.
bool sums_runs(const ColumnAggregate& aggregate) {
  return (aggregate.kind() == Aggregate::sum || aggregate.kind() == Aggregate::avg) &&
         aggregate.column().run_sums != nullptr;
}

// What groups are told apart by and what is going to be added up is asked for while the runs are still being
// found: the processor sees by itself where a walk goes on, but not where it begins, and a range of ten
// million rows is in no cache. Of a column as much as a page of a tenant's rows, and no more than can be on
// its way at once.
void fetch_ahead(const Groups& groups, const Lookup& lookup, bool by_runs) {
  constexpr std::size_t kLine = 64;
  constexpr std::size_t kLines = 40;
  const auto fetch = [](const void* values, std::size_t width, Range range) {
    const auto* at = static_cast<const std::byte*>(values) + std::size_t{range.begin} * width;
    const std::byte* const end =
        std::min(at + kLines * kLine, static_cast<const std::byte*>(values) + std::size_t{range.end} * width);
    for (; at < end; at += kLine) __builtin_prefetch(at);
  };
  const Range rows{lookup.begin, lookup.end};
  if (!by_runs) {
    for (const Column* column : groups.columns) fetch(column->values, column->width, rows);
  }
  for (const ColumnAggregate& aggregate : groups.aggregates) {
    const Column& column = aggregate.column();
    if (aggregate.kind() == Aggregate::count && !column.nullable) continue;  // nothing is read of it
    if (by_runs && sums_runs(aggregate)) {
      fetch(column.run_sums, sizeof column.run_sums[0], lookup.runs);
    } else {
      fetch(column.values, column.width, rows);
    }
  }
}

// The order's keys that can decide: no columns with one value, and nothing after all group columns have been
// named.
void resolve_order(const query::PlanShape& shape, const Lookup& lookup, Groups& groups) {
  groups.keys.clear();
  std::size_t named = 0;
  std::vector<GroupOrder>& keys = groups.keys;
  for (const query::OrderKey& key : shape.order) {
    if (named == groups.columns.size()) break;
    const Output& output = groups.outputs[key.projection];
    if (!output.aggregate) {
      const bool known = std::any_of(keys.begin(), keys.end(), [&](const GroupOrder& earlier) {
        const Output& other = groups.outputs[earlier.projection];
        return !other.aggregate && other.column == output.column;
      });
      if (known || lookup.is_fixed(output.column)) continue;
      ++named;
    }
    keys.push_back({key.projection, key.descending});
  }
}

// The next sort columns, when they are the group columns in some order: then each group is one run of rows.
std::optional<std::span<const Column* const>> grouped_in_storage(const Groups& groups, const Reader& reader,
                                                                 const Lookup& lookup) {
  const auto sorted = reader.sort_columns();
  if (lookup.fixed_sort_columns + groups.columns.size() > sorted.size()) return std::nullopt;
  const auto next = sorted.subspan(lookup.fixed_sort_columns, groups.columns.size());
  const bool same = std::all_of(groups.columns.begin(), groups.columns.end(), [&](const Column* column) {
    return std::find(next.begin(), next.end(), column) != next.end();
  });
  return same ? std::optional(next) : std::nullopt;
}

// The run directory, when each group is a run of it, or all rows are one group and the runs are whole.
const RunDirectory* grouped_by_runs(const Groups& groups, const Reader& reader, const Lookup& lookup) {
  if (!lookup.in_runs || lookup.fixed_sort_columns != 1 || lookup.predicate_count != 0) return nullptr;
  const RunDirectory* runs = reader.runs();
  const bool one = groups.columns.empty();
  return one || (groups.columns.size() == 1 && groups.columns[0] == runs->column) ? runs : nullptr;
}

// Whether runs, walked forward or backward, come in the order that the plan asks for.
bool ordered_in_storage(const Groups& groups, const Reader& reader, const Lookup& lookup) {
  if (groups.keys.size() != groups.columns.size()) return false;
  std::vector<SortKey> order;
  for (const GroupOrder& key : groups.keys) {
    const Output& output = groups.outputs[key.projection];
    if (output.aggregate) return false;
    order.push_back({output.column, key.descending});
  }
  return stored_order(order, reader, lookup) == order.size();
}

enum class Outcome { complete, cancelled, too_many };

// The aggregates of groups that are the ranges in `groups.runs`.
Outcome add_up(Groups& groups, const CancelFlag* cancel) {
  const std::vector<Range>& runs = groups.runs;
  if (runs.empty()) return Outcome::complete;
  for (const Range& run : runs) groups.first_rows.push_back(run.begin);
  const std::size_t stride = groups.aggregates.size();
  groups.accumulators.resize(runs.size() * stride);
  for (std::size_t a = 0; a < stride; ++a) {
    if (cancel != nullptr && cancel->cancelled()) return Outcome::cancelled;
    const ColumnAggregate& aggregate = groups.aggregates[a];
    Accumulator* const into = groups.accumulators.data() + a;
    if (groups.stored_runs.empty() || !sums_runs(aggregate)) {
      aggregate.add_runs(into, stride, runs);
      continue;
    }
    const std::uint64_t* const sums = aggregate.column().run_sums;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const Range stored = groups.stored_runs[i];
      into[i * stride].count = runs[i].end - runs[i].begin;
      // 2^32 keys of at most 32 bits fit.
      into[i * stride].low = std::accumulate(sums + stored.begin, sums + stored.end, 0ULL);
    }
  }
  return Outcome::complete;
}

// Every row of the range counts and groups are runs: sums run over arrays, and a page may end the walk.
Outcome walk_runs(Groups& groups, std::span<const Column* const> columns, const Lookup& lookup, bool forward,
                  std::uint64_t wanted, const CancelFlag* cancel, std::size_t most) {
  std::vector<Range>& runs = groups.runs;
  runs.clear();
  std::uint32_t begin = lookup.begin;
  std::uint32_t end = lookup.end;
  while (begin < end && runs.size() < wanted) {
    if (runs.size() % 256 == 255 && cancel != nullptr && cancel->cancelled()) return Outcome::cancelled;
    if (runs.size() >= most) return Outcome::too_many;
    if (forward) {
      const std::uint32_t length = run_length(columns, begin, end - begin);
      runs.push_back({begin, begin + length});
      begin += length;
    } else {
      const std::uint32_t length = run_length_backward(columns, end - 1, end - begin);
      runs.push_back({end - length, end});
      end -= length;
    }
  }
  return add_up(groups, cancel);
}

// The same from the run directory: no row is looked at but for what it has no sums of.
Outcome take_runs(Groups& groups, const RunDirectory& directory, const Lookup& lookup, bool forward,
                  std::uint64_t wanted, const CancelFlag* cancel, std::size_t most) {
  std::vector<Range>& runs = groups.runs;
  runs.clear();
  const Range rows{lookup.begin, lookup.end};
  if (rows.begin == rows.end) return Outcome::complete;
  if (groups.columns.empty()) {
    runs.push_back(rows);
    groups.stored_runs.push_back(lookup.runs);
    return add_up(groups, cancel);
  }
  const std::uint64_t count = std::min<std::uint64_t>(lookup.runs.end - lookup.runs.begin, wanted);
  if (count > most) return Outcome::too_many;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t run = forward ? lookup.runs.begin + i : lookup.runs.end - 1 - i;
    groups.stored_runs.push_back({run, run + 1});
    Range of_run = directory.rows_of(groups.stored_runs.back(), rows);
    // An empty run comes from damage; its first row must be one.
    of_run.begin = std::min(of_run.begin, rows.end - 1);
    runs.push_back(of_run);
  }
  return add_up(groups, cancel);
}

// Numbers the groups of rows: by a table of all possible keys where they are few, else by hashing.
class GroupNumbers {
 public:
  GroupNumbers(Groups& groups, std::uint64_t rows) : groups_(groups) {
    // Clearing the table must not cost more than the rows do.
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
      // A key past the column's space comes from damage; it must not leave the table.
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

Outcome scan_groups(Groups& groups, const Lookup& lookup, const CancelFlag* cancel, std::size_t most) {
  GroupNumbers numbers(groups, lookup.rows);
  bool too_many = false;
  const bool finished = scan_rows(lookup, true, cancel, [&](std::span<const std::uint32_t> rows) {
    numbers.number(rows);
    for (std::size_t a = 0; a < groups.aggregates.size(); ++a) {
      groups.aggregates[a].add_rows(groups.accumulators.data() + a, groups.aggregates.size(), rows,
                                    groups.batch_groups.data());
    }
    too_many = groups.size() > most;
    return !too_many;
  });
  if (!finished) return Outcome::cancelled;
  return too_many ? Outcome::too_many : Outcome::complete;
}

template <typename T>
int order_of(const T& a, const T& b) {
  return a == b ? 0 : (a < b ? -1 : 1);
}

// Whether an aggregate is null: of no values, or a floating sum past the largest double, which no JSON has.
bool is_null(const ColumnAggregate& aggregate, const Accumulator& from) {
  if (from.count == 0) return aggregate.kind() != Aggregate::count;
  if (!aggregate.floating()) return false;
  if (aggregate.kind() == Aggregate::sum) return !std::isfinite(aggregate.floating_sum(from));
  return aggregate.kind() == Aggregate::avg && !std::isfinite(aggregate.average(from));
}

int compare_aggregates(const ColumnAggregate& aggregate, const Accumulator& a, const Accumulator& b,
                       bool descending) {
  int compared = 0;
  if (aggregate.kind() == Aggregate::count) {
    compared = order_of(a.count, b.count);
  } else if (const bool null = is_null(aggregate, a); null || is_null(aggregate, b)) {
    return order_of(null, is_null(aggregate, b));  // nulls last both ways
  } else if (aggregate.kind() == Aggregate::avg) {
    compared = order_of(unify_zero(key_of_double(aggregate.average(a))),
                        unify_zero(key_of_double(aggregate.average(b))));
  } else if (aggregate.kind() == Aggregate::sum && aggregate.floating()) {
    compared = order_of(unify_zero(key_of_double(aggregate.floating_sum(a))),
                        unify_zero(key_of_double(aggregate.floating_sum(b))));
  } else if (aggregate.kind() == Aggregate::sum) {
    compared = order_of(aggregate.sum(a), aggregate.sum(b));
  } else {
    compared = aggregate.floating() ? order_of(unify_zero(a.low), unify_zero(b.low)) : order_of(a.low, b.low);
  }
  return descending ? -compared : compared;
}

bool group_before(Groups& groups, std::uint32_t a, std::uint32_t b) {
  for (const GroupOrder& key : groups.keys) {
    const Output& output = groups.outputs[key.projection];
    const int compared =
        output.aggregate
            ? compare_aggregates(groups.aggregates[*output.aggregate], groups.of(a)[*output.aggregate],
                                 groups.of(b)[*output.aggregate], key.descending)
            : SortKey{output.column, key.descending}.compare(groups.first_rows[a], groups.first_rows[b]);
    if (compared != 0) return compared < 0;
  }
  return false;
}

// One aggregate of the groups into column `at` of the batch.
void write_aggregate(AnswerBatch& batch, std::size_t at, Groups& groups, std::size_t number,
                     std::span<const std::uint32_t> of) {
  const ColumnAggregate& aggregate = groups.aggregates[number];
  const auto from = [&](std::size_t i) -> const Accumulator& { return groups.of(of[i])[number]; };
  const auto fill = [&]<typename T>(T* out, auto value) {
    for (std::size_t i = 0; i < of.size(); ++i) {
      if (is_null(aggregate, from(i))) {
        out[i] = T{};
        batch.set_null(at, i);
      } else {
        out[i] = value(from(i));
      }
    }
  };
  switch (aggregate.kind()) {
    case Aggregate::count:
      return fill(batch.values<std::int64_t>(at, rows::Kind::int64),
                  [](const Accumulator& each) { return static_cast<std::int64_t>(each.count); });
    case Aggregate::avg:
      return fill(batch.values<double>(at, rows::Kind::float64),
                  [&](const Accumulator& each) { return aggregate.average(each); });
    case Aggregate::sum:
      if (aggregate.floating()) {
        return fill(batch.values<double>(at, rows::Kind::float64),
                    [&](const Accumulator& each) { return aggregate.floating_sum(each); });
      }
      return fill(batch.values<std::array<std::uint64_t, 2>>(at, rows::Kind::int128),
                  [&](const Accumulator& each) {
                    const auto sum = static_cast<Uint128>(aggregate.sum(each));
                    return std::array{static_cast<std::uint64_t>(sum), static_cast<std::uint64_t>(sum >> 64)};
                  });
    case Aggregate::min:
    case Aggregate::max:
      batch.keys(at, aggregate.column(), [&](std::size_t i) { return from(i).low; });
      for (std::size_t i = 0; i < of.size(); ++i) {
        if (is_null(aggregate, from(i))) batch.set_null(at, i);
      }
      return;
  }
}

void resolve_cells(const query::Plan& plan, const RunDirectory* runs, Groups& groups) {
  groups.cells.clear();
  for (const std::size_t projection : plan.columns) {
    Output& cell = groups.cells.emplace_back(groups.outputs[projection]);
    cell.of_run = runs != nullptr && cell.column == runs->column;
  }
}

Result<void> write_groups(const query::Plan& plan, Groups& groups, const RunDirectory* runs,
                          std::span<const std::uint32_t> page, rows::Writer& writer,
                          const CancelFlag* cancel) {
  if (auto begun = writer.begin(rows::Columns(plan)); !begun) return begun;
  AnswerBatch batch(groups.cells.size());
  for (std::size_t at = 0; at < page.size(); at += rows::kBatchRows) {
    if (cancel != nullptr && cancel->cancelled()) return fail(ErrorCode::cancelled, "cancelled");
    const auto of = page.subspan(at, std::min(rows::kBatchRows, page.size() - at));
    batch.begin(of.size());
    for (std::size_t c = 0; c < groups.cells.size(); ++c) {
      const Output& cell = groups.cells[c];
      if (cell.aggregate) {
        write_aggregate(batch, c, groups, *cell.aggregate, of);
      } else if (cell.of_run) {
        batch.keys(c, *cell.column,
                   [&](std::size_t i) { return runs->key(groups.stored_runs[of[i]].begin); });
      } else {
        batch.keys(c, *cell.column,
                   [&](std::size_t i) { return cell.column->key(groups.first_rows[of[i]]); });
      }
    }
    if (auto written = writer.write(batch.get()); !written) return written;
  }
  return writer.finish();
}

void shrink(Groups& groups) {
  if (groups.first_rows.capacity() > kKeptGroups) groups = Groups{};
}

}  // namespace

Result<rows::Written> execute_groups(const query::Plan& plan, const Reader& reader, const Lookup& lookup,
                                     rows::Writer& writer, const CancelFlag* cancel, const Limits& limits) {
  const query::PlanShape& shape = *plan.shape;
  Groups& groups = scratch();
  resolve(shape, reader, lookup, groups);
  const RunDirectory* const by_runs = grouped_by_runs(groups, reader, lookup);
  if (lookup.predicate_count == 0) fetch_ahead(groups, lookup, by_runs != nullptr);
  resolve_order(shape, lookup, groups);
  const PageBounds page(plan);
  Outcome outcome = Outcome::complete;
  bool ordered = groups.columns.empty();
  const auto run_columns =
      lookup.predicate_count == 0 ? grouped_in_storage(groups, reader, lookup) : std::nullopt;
  if (run_columns) {
    ordered = ordered || ordered_in_storage(groups, reader, lookup);
    const bool forward = !ordered || groups.keys.empty() || !groups.keys[0].descending;
    const std::uint64_t wanted = ordered ? page.wanted() : ~0ULL;
    outcome = by_runs != nullptr
                  ? take_runs(groups, *by_runs, lookup, forward, wanted, cancel, limits.groups)
                  : walk_runs(groups, *run_columns, lookup, forward, wanted, cancel, limits.groups);
  } else {
    outcome = scan_groups(groups, lookup, cancel, limits.groups);
  }
  if (outcome == Outcome::cancelled) return fail(ErrorCode::cancelled, "cancelled");
  if (outcome == Outcome::too_many) return fail(ErrorCode::too_large, "too many groups");
  if (shape.group_by.empty() && groups.size() == 0) groups.add(0);
  groups.order.resize(groups.size());
  std::iota(groups.order.begin(), groups.order.end(), 0U);
  const std::uint64_t last = std::min<std::uint64_t>(page.last, groups.size());
  if (!ordered) {
    std::partial_sort(groups.order.begin(), groups.order.begin() + static_cast<std::ptrdiff_t>(last),
                      groups.order.end(),
                      [&](std::uint32_t a, std::uint32_t b) { return group_before(groups, a, b); });
  }
  resolve_cells(plan, by_runs, groups);
  const std::uint64_t first = std::min(page.first, last);
  const auto written = write_groups(plan, groups, by_runs,
                                    std::span(groups.order).subspan(first, last - first), writer, cancel);
  rows::Written counted;
  counted.rows = static_cast<std::int64_t>(last - first);
  counted.has_more = groups.size() > page.last;
  shrink(groups);
  if (!written) return fail(written.error());
  return counted;
}

}  // namespace offloader::index
