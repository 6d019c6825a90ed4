#include "top_rows.h"

#include <algorithm>

#include "group_numbers.h"
#include "order.h"
#include "scan.h"

namespace offloader::index {
namespace {

// A list of rows costs about as much as so many rows.
constexpr std::size_t kRowsOfList = 8;

// The best rows of each group: a heap with the worst in front, once it is full.
class Best {
 public:
  Best(const std::vector<SortKey>& order, std::uint64_t limit) : order_(order), limit_(limit) {}

  void add(std::uint32_t group, std::uint32_t row) {
    if (group >= lists_.size()) lists_.resize(group + std::size_t{1});
    std::vector<std::uint32_t>& list = lists_[group];
    const auto before = [this](std::uint32_t a, std::uint32_t b) {
      return compare_rows(order_, 0, a, b) < 0;
    };
    if (list.size() < limit_) {
      list.push_back(row);
      ++rows_;
      if (list.size() == limit_) std::make_heap(list.begin(), list.end(), before);
    } else if (before(row, list.front())) {
      std::pop_heap(list.begin(), list.end(), before);
      list.back() = row;
      std::push_heap(list.begin(), list.end(), before);
    }
  }

  [[nodiscard]] std::size_t cost() const { return rows_ + kRowsOfList * lists_.size(); }
  void take(std::vector<std::uint32_t>& rows) const {
    for (const std::vector<std::uint32_t>& list : lists_) rows.insert(rows.end(), list.begin(), list.end());
  }

 private:
  const std::vector<SortKey>& order_;
  std::uint64_t limit_;
  std::vector<std::vector<std::uint32_t>> lists_;  // by group
  std::size_t rows_ = 0;
};

// Sets the group columns to those of the top. Nothing is aggregated.
void group_by_top(const query::PlanShape& shape, const Reader& reader, const Lookup& lookup, Groups& groups) {
  query::PlanShape grouped;
  grouped.projections = shape.projections;
  grouped.group_by = shape.top->per;
  resolve_groups(grouped, reader, lookup, groups);
}

}  // namespace

Found find_top_rows(const query::PlanShape& shape, const Reader& reader, const Lookup& lookup,
                    const CancelFlag* cancel, std::size_t most, std::vector<std::uint32_t>& rows) {
  Groups& groups = thread_groups();
  group_by_top(shape, reader, lookup, groups);
  std::vector<SortKey> order;
  resolve_order(shape.top->order, shape, reader, lookup, order);
  GroupNumbers numbers(groups, lookup.rows);
  Best best(order, static_cast<std::uint64_t>(shape.top->limit));
  bool too_many = false;
  const bool finished = scan_rows(lookup, true, cancel, [&](std::span<const std::uint32_t> batch) {
    numbers.number(batch);
    for (std::size_t i = 0; i < batch.size(); ++i) best.add(groups.batch_groups[i], batch[i]);
    too_many = best.cost() > most;
    return !too_many;
  });
  shrink(groups);
  if (!finished) return Found::cancelled;
  if (too_many) return Found::too_many;
  best.take(rows);
  return Found::complete;
}

}  // namespace offloader::index
