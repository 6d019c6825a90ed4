#include "filter_values.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
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

// A text, and its bytes from some place on as a number: most texts differ in it, and numbers are compared
// faster.
struct SortedText {
  std::uint64_t bytes = 0;
  std::string_view text{};

  SortedText(std::string_view whole, std::size_t from) : text(whole) {
    for (std::size_t i = from; i < from + 8; ++i)
      bytes = bytes << 8U | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  }
  friend bool operator==(const SortedText& a, const SortedText& b) { return a.text == b.text; }
  friend bool operator<(const SortedText& a, const SortedText& b) {
    return a.bytes != b.bytes ? a.bytes < b.bytes : a.text < b.text;
  }
};

// Returns how many bytes all texts begin with alike.
std::size_t common_begin(std::span<const std::string> texts) {
  std::string_view common = texts.empty() ? std::string_view() : texts.front();
  for (const std::string_view text : texts) {
    const auto end = std::mismatch(common.begin(), common.end(), text.begin(), text.end()).first;
    common = common.substr(0, static_cast<std::size_t>(end - common.begin()));
  }
  return common.size();
}

// The list for a VARCHAR column, of which every text is a value.
ValueList list_of_texts(std::span<const std::string> texts) {
  const std::size_t begin = common_begin(texts);
  std::vector<SortedText> sorted;
  sorted.reserve(texts.size());
  for (const std::string& text : texts) sorted.emplace_back(text, begin);
  sort_out(sorted);
  ValueList list;
  list.reserve(sorted.size());
  for (const SortedText& each : sorted) list.emplace_back(std::in_place_type<std::string>, each.text);
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
