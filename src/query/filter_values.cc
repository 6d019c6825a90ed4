#include "filter_values.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace offloader::query {
namespace {

using catalog::FilterOp;

// Whether the filter's only test is Among (tests_for()).
bool looks_up(const catalog::Filter& filter, catalog::ParamType type, catalog::ColumnType column,
              bool in_zone) {
  switch (filter.op) {
    case FilterOp::in:
    case FilterOp::not_in:
      return true;
    case FilterOp::ne:
      return names_day(type, column) && !in_zone;
    case FilterOp::eq:
      return filter.any != 0 && names_day(type, column) && !in_zone;
    default:
      return false;
  }
}

// `in` asks whether a value is in a set: neither order nor repetition means anything, so lists that differ
// only in those share a cache entry.
template <typename T>
void sort_out(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

// The list for a VARCHAR column, of which every text is a value. Sorts views, which move faster than values.
ValueList list_of_texts(std::span<const std::string> texts) {
  std::vector<std::string_view> sorted(texts.begin(), texts.end());
  sort_out(sorted);
  ValueList list;
  list.reserve(sorted.size());
  for (const std::string_view text : sorted) list.emplace_back(std::in_place_type<std::string>, text);
  return list;
}

}  // namespace

bool add_value(Plan& plan, const catalog::Filter& filter, std::string_view text, catalog::ParamType type,
               catalog::SizedType column, bool in_zone) {
  if (looks_up(filter, type, column, in_zone)) {
    TypedValue day = typed_value(text, type, column, filter.op);
    if (day.fit != Fit::fits) return false;
    plan.values.emplace_back(Nothing{});
    plan.lists.push_back({std::move(day.value)});
    return true;
  }
  const Fit fit = append_values(plan.values, text, type, column, filter.op, in_zone);
  if (fit == Fit::never) {
    // Another alternative may still match.
    if (filter.any != 0) {
      plan.values.back() = Nothing{};
    } else {
      plan.never = true;
    }
  }
  return fit != Fit::unreadable;
}

bool add_list(Plan& plan, const catalog::Filter& filter, std::span<const std::string> texts,
              catalog::ParamType type, catalog::SizedType column) {
  ValueList list;
  bool readable = true;
  if (column == catalog::ColumnType::varchar) {
    list = list_of_texts(texts);
  } else {
    list.reserve(texts.size());
    for (const std::string& text : texts) {
      TypedValue read = typed_value(text, type, column, filter.op);
      if (read.fit == Fit::fits) {
        list.push_back(std::move(read.value));
      } else if (filter.op == FilterOp::not_in) {
        // A list with a value that no row has is not empty: it drops rows with null.
        list.emplace_back(Nothing{});
        readable = readable && read.fit == Fit::never;
      }
    }
    sort_out(list);
  }
  if (list.empty() && filter.op == FilterOp::in && filter.any == 0) plan.never = true;
  plan.values.emplace_back(Nothing{});
  plan.lists.push_back(std::move(list));
  return readable;
}

ConstantValues::ConstantValues(std::span<const catalog::Filter> filters, const TypeOf& type_of,
                               std::optional<std::size_t> zoned)
    : of_filters_(filters.size()) {
  for (std::size_t i = 0; i < filters.size(); ++i) {
    const catalog::Filter& filter = filters[i];
    if (filter.has_param()) continue;
    const catalog::SizedType column = type_of(filter.column);
    const bool list = catalog::row_of(filter.op).operand == catalog::Operand::list;
    const bool in_zone = filter.column == zoned;
    // Loading has checked that they are readable.
    if (list) {
      static_cast<void>(add_list(of_filters_[i], filter, filter.constants, filter.constant_type, column));
    } else {
      static_cast<void>(
          add_value(of_filters_[i], filter, filter.constants.front(), filter.constant_type, column, in_zone));
    }
  }
}

void ConstantValues::add(Plan& plan, std::size_t index) const {
  const Plan& own = of_filters_[index];
  plan.values.insert(plan.values.end(), own.values.begin(), own.values.end());
  plan.lists.insert(plan.lists.end(), own.lists.begin(), own.lists.end());
  plan.never = plan.never || own.never;
}

}  // namespace offloader::query
