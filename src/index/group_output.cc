#include "group_output.h"

#include <algorithm>

#include "answer_batch.h"
#include "fill_groups.h"
#include "group_order.h"

namespace offloader::index {
namespace {

using catalog::Aggregate;

// Writes aggregate `number` of the groups `of` into column `at` of the batch.
void write_aggregate(AnswerBatch& batch, std::size_t at, Groups& groups, std::size_t number,
                     std::span<const std::uint32_t> of) {
  const ColumnAggregate& aggregate = groups.aggregates[number];
  const auto from = [&](std::size_t i) -> const Accumulator& { return groups.of(of[i])[number]; };
  const bool zero = is_zero_filled(groups, aggregate.kind());
  const auto fill = [&]<typename T>(T* out, auto value) {
    for (std::size_t i = 0; i < of.size(); ++i) {
      if (of[i] >= groups.first_added) {
        out[i] = T{};
        if (!zero) batch.set_null(at, i);
      } else if (is_null(aggregate, from(i))) {
        out[i] = T{};
        batch.set_null(at, i);
      } else {
        out[i] = value(from(i));
      }
    }
  };
  switch (aggregate.kind()) {
    case Aggregate::count:
    case Aggregate::count_distinct:
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
      fill(batch.values<rows::Wide>(at, aggregate.decimal() ? rows::Kind::decimal : rows::Kind::int128),
           [&](const Accumulator& each) { return rows::Wide::of(aggregate.sum(each)); });
      batch.set_scale(at, aggregate.column().type.size.scale);
      return;
    case Aggregate::min:
    case Aggregate::max:
    case Aggregate::first:
    case Aggregate::last:
      batch.keys(at, aggregate.column(), [&](std::size_t i) { return aggregate.key(from(i)); });
      for (std::size_t i = 0; i < of.size(); ++i) {
        if (is_null(aggregate, from(i))) batch.set_null(at, i);
      }
      return;
    case Aggregate::median:
    case Aggregate::quantile:
      return;  // look_up() declines them
  }
}

// The same for an expression of this type.
void write_expression(AnswerBatch& batch, std::size_t at, const std::vector<GroupNumber>& numbers,
                      const catalog::SizedType& type, std::span<const std::uint32_t> of) {
  const bool exact = type == catalog::ColumnType::decimal;
  if (exact) {
    auto* const out = batch.values<rows::Wide>(at, rows::Kind::decimal);
    for (std::size_t i = 0; i < of.size(); ++i) out[i] = rows::Wide::of(numbers[of[i]].exact);
    batch.set_scale(at, type.size.scale);
  } else {
    auto* const out = batch.values<double>(at, rows::Kind::float64);
    for (std::size_t i = 0; i < of.size(); ++i) out[i] = numbers[of[i]].real;
  }
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (numbers[of[i]].null) batch.set_null(at, i);
  }
}

void write_bucket(AnswerBatch& batch, std::size_t at, Groups& groups, std::span<const std::uint32_t> of) {
  const auto fill = [&]<typename T>(T* out) {
    for (std::size_t i = 0; i < of.size(); ++i) {
      const auto number = groups.number_of(of[i]);
      out[i] = number ? static_cast<T>(groups.cut->value(*number)) : T{};
      if (!number) batch.set_null(at, i);
    }
  };
  if (!groups.cut->instants()) return fill(batch.values<std::int32_t>(at, rows::Kind::date));
  const bool zoned = groups.cut->column().type == catalog::ColumnType::timestamptz;
  fill(batch.values<std::int64_t>(at, zoned ? rows::Kind::timestamptz : rows::Kind::timestamp));
}

void resolve_cells(const query::Plan& plan, const RunDirectory* runs, Groups& groups) {
  groups.cells.clear();
  for (const std::size_t projection : plan.columns) {
    Output& cell = groups.cells.emplace_back(groups.outputs[projection]);
    cell.of_run = runs != nullptr && !cell.of_group() && cell.column == runs->column;
  }
}

}  // namespace

Result<void> write_groups(const query::Plan& plan, Groups& groups, const RunDirectory* runs,
                          std::span<const std::uint32_t> page, rows::Writer& writer,
                          const CancelFlag* cancel) {
  resolve_cells(plan, runs, groups);
  if (auto begun = writer.begin(rows::Columns(plan)); !begun) return begun;
  AnswerBatch batch(groups.cells.size());
  for (std::size_t at = 0; at < page.size(); at += rows::kBatchRows) {
    if (cancel != nullptr && cancel->cancelled()) return fail(ErrorCode::cancelled, "cancelled");
    const auto of = page.subspan(at, std::min(rows::kBatchRows, page.size() - at));
    batch.begin(of.size());
    for (std::size_t c = 0; c < groups.cells.size(); ++c) {
      const Output& cell = groups.cells[c];
      if (cell.expression) {
        write_expression(batch, c, groups.expressions[*cell.expression],
                         query::result_type(plan.shape->projections[plan.columns[c]]), of);
      } else if (cell.aggregate) {
        write_aggregate(batch, c, groups, *cell.aggregate, of);
      } else if (cell.bucketed) {
        write_bucket(batch, c, groups, of);
      } else if (cell.of_run) {
        batch.keys(c, *cell.column,
                   [&](std::size_t i) { return runs->key(groups.stored_runs[of[i]].begin); });
      } else {
        batch.keys(c, *cell.column,
                   [&](std::size_t i) { return cell.column->key(groups.first_rows[of[i]]); });
      }
    }
    const rows::Batch done = batch.get();
    if (auto fits = rows::check_sums(rows::Columns(plan), done); !fits) return fits;
    if (auto written = writer.write(done); !written) return written;
  }
  return writer.finish();
}

}  // namespace offloader::index
