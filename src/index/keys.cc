#include "keys.h"

#include <algorithm>
#include <array>
#include <optional>

#include "offloader/base/json_text.h"
#include "search.h"

namespace offloader::index {
namespace {

using catalog::ColumnType;
using query::Comparison;

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

// The keys that match a comparison with a value. `first` and `last` are the value's least and greatest key
// (they differ for zeros and absent texts). They have 128 bits since they may be outside the column's range.
KeyInterval interval_of(const Column& column, Comparison comparison, Int128 first, Int128 last) {
  Int128 low = 0;
  Int128 high = static_cast<Int128>(column.max_key);
  switch (comparison) {
    case Comparison::eq:
    case Comparison::ne:  // callers take the complement
      low = first;
      high = std::min(high, last);
      break;
    case Comparison::ge:
      low = first;
      break;
    case Comparison::gt:
      low = last + 1;
      break;
    case Comparison::le:
      high = std::min(high, last);
      break;
    case Comparison::lt:
      high = std::min<Int128>(high, first - 1);
      break;
  }
  low = std::max<Int128>(low, 0);
  if (low > high) return {.empty = true};
  return {.keys = {static_cast<std::uint64_t>(low), static_cast<std::uint64_t>(high)}};
}

// UUIDs are stored as their texts, which have the same order.
bool has_dictionary(const Column& column) {
  return column.type == ColumnType::varchar || column.type == ColumnType::uuid;
}

bool is_instant(const Column& column) {
  return column.type == ColumnType::timestamp || column.type == ColumnType::timestamptz;
}

bool has_values(const Column& column) {
  if (has_dictionary(column)) return column.entries != 0;
  return column.type != ColumnType::float64 || column.nulls == 0 || column.max_key != 0;
}

// Appends the keys of null, which are above all others.
void add_null(const Column& column, std::vector<Interval>& keys) {
  if (column.nullable) keys.push_back({column.null_key, column.null_key});
}

void add_values(const Column& column, std::vector<Interval>& keys) {
  if (has_values(column)) keys.push_back({0, column.max_key});
}

// Replaces keys of values by the keys of all other values.
void complement(const Column& column, std::vector<Interval>& keys) {
  std::vector<Interval> others;
  std::uint64_t next = 0;
  bool more = has_values(column);
  for (const Interval& each : keys) {
    if (each.low > next) others.push_back({next, each.low - 1});
    more = more && each.high < column.max_key;
    next = each.high + 1;
  }
  if (more) others.push_back({next, column.max_key});
  keys = std::move(others);
}

// The first code after those of the texts that begin with `prefix`.
std::uint64_t code_after_prefix(const Column& column, std::string prefix) {
  // Texts are compared as bytes, so the least text after them is the prefix with its last byte one higher.
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
  if (prefix.empty()) return column.dictionary.texts.count;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return lower_code(column, prefix);
}

bool keys_of_match(const Column& column, const query::Match& match, const query::Value& value,
                   std::vector<Interval>& keys) {
  const auto* const text = std::get_if<std::string>(&value);
  if (text == nullptr || column.type != ColumnType::varchar) return false;
  if (column.entries == 0) return true;
  const auto& texts = column.dictionary.texts;
  switch (match.how) {
    case query::Match::How::prefix: {
      const std::uint64_t begin = lower_code(column, *text);
      const std::uint64_t end = std::min(code_after_prefix(column, *text), column.max_key + 1);
      if (begin < end) keys.push_back({begin, end - 1});
      return true;
    }
    case query::Match::How::contains:
      if (texts.byte_count > kSearchedBytes) return false;
      for (std::uint64_t code = 0; code <= column.max_key && code < texts.count; ++code) {
        if (texts.at(code).find(*text) != std::string_view::npos) keys.push_back({code, code});
      }
      return true;
    case query::Match::How::icontains:
      return false;  // the index has no tables of lower case
  }
  return false;
}

// Returns the keys that match a comparison of a day; of `ne` those of the day.
KeyInterval keys_of_day(const Column& column, Comparison comparison, query::Date day, std::int64_t offset) {
  const Int128 midnight = static_cast<Int128>(day.days) * kMicrosPerDay - offset - column.base;
  return interval_of(column, comparison, midnight, midnight + kMicrosPerDay - 1);
}

// Returns the code of a text in the column's dictionary.
std::optional<std::uint64_t> code_of(const Column& column, std::string_view text) {
  if (column.entries == 0) return std::nullopt;
  const std::uint64_t code = lower_code(column, text);
  const bool found = code < column.dictionary.texts.count && column.dictionary.texts.at(code) == text;
  return found && code <= column.max_key ? std::optional(code) : std::nullopt;
}

bool keys_of_list(const Column& column, const query::Among& test, const query::ValueList& list,
                  std::int64_t offset, std::vector<Interval>& keys) {
  if (column.type == ColumnType::json) return false;
  for (const query::Value& value : list) {
    if (std::holds_alternative<query::Nothing>(value)) continue;
    if (const auto* const text = std::get_if<std::string>(&value);
        text != nullptr && column.type == ColumnType::varchar) {
      if (const auto code = code_of(column, *text)) keys.push_back({*code, *code});
      continue;
    }
    if (!test.by_day) {
      const auto equal = keys_of_comparison(column, Comparison::eq, value);
      if (!equal) return false;
      if (!equal->empty) keys.push_back(equal->keys);
      continue;
    }
    const auto* const day = std::get_if<query::Date>(&value);
    if (day == nullptr || !is_instant(column)) return false;
    const auto whole = keys_of_day(column, Comparison::eq, *day, offset);
    if (!whole.empty) keys.push_back(whole.keys);
  }
  join_intervals(keys);
  if (!test.negated) return true;
  complement(column, keys);
  if (test.or_null || list.empty()) add_null(column, keys);
  return true;
}

bool keys_of_compare(const Column& column, const query::Compare& test, const query::Value& value,
                     std::vector<Interval>& keys) {
  const auto compared = keys_of_comparison(column, test.comparison, value);
  if (!compared) return false;
  if (!compared->empty) keys.push_back(compared->keys);
  if (test.comparison == Comparison::ne) complement(column, keys);
  if (test.or_null) add_null(column, keys);
  return true;
}

struct TestKeys {
  const Column& column;
  const query::Value& value;
  const query::ValueList* list;
  std::int64_t offset;
  std::vector<Interval>& keys;

  bool operator()(const query::Compare& test) const { return keys_of_compare(column, test, value, keys); }
  bool operator()(const query::Among& test) const { return keys_of_list(column, test, *list, offset, keys); }
  bool operator()(const query::Match& test) const { return keys_of_match(column, test, value, keys); }
  bool operator()(const query::CompareDay& test) const {
    const auto* const day = std::get_if<query::Date>(&value);
    if (day == nullptr || !is_instant(column)) return false;
    const KeyInterval compared = keys_of_day(column, test.comparison, *day, offset);
    if (!compared.empty) keys.push_back(compared.keys);
    if (test.comparison == Comparison::ne) complement(column, keys);
    if (test.or_null) add_null(column, keys);
    return true;
  }
  bool operator()(const query::NullTest&) const {
    const auto* const wanted = std::get_if<bool>(&value);
    // A JSON column has documents instead of keys.
    if (wanted == nullptr || column.type == ColumnType::json) return false;
    if (*wanted) {
      add_null(column, keys);
    } else {
      add_values(column, keys);
    }
    return true;
  }
};

}  // namespace

std::optional<KeyInterval> keys_of_comparison(const Column& column, Comparison comparison,
                                              const query::Value& value) {
  if (std::holds_alternative<query::Nothing>(value) && column.type != ColumnType::json)
    return KeyInterval{.empty = true};
  switch (column.type.type) {
    case ColumnType::uuid:
    case ColumnType::varchar: {
      std::array<char, kUuidBytes> canonical;
      std::string_view text;
      if (const auto* own = std::get_if<std::string>(&value);
          own != nullptr && column.type == ColumnType::varchar) {
        text = *own;
      } else if (const auto* uuid = std::get_if<Uuid>(&value);
                 uuid != nullptr && column.type == ColumnType::uuid) {
        write_uuid(canonical.data(), *uuid);
        text = {canonical.data(), canonical.size()};
      } else {
        return std::nullopt;
      }
      if (column.entries == 0) return KeyInterval{.empty = true};
      const std::uint64_t code = lower_code(column, text);
      const bool found = code < column.dictionary.texts.count && column.dictionary.texts.at(code) == text;
      if (comparison == Comparison::eq && !found) return KeyInterval{.empty = true};
      const auto first = static_cast<Int128>(code);
      return interval_of(column, comparison, first, found ? first : first - 1);
    }
    case ColumnType::float64: {
      const auto* number = std::get_if<double>(&value);
      if (number == nullptr) return std::nullopt;
      if (!has_values(column)) return KeyInterval{.empty = true};
      const bool zero = *number == 0;
      const std::uint64_t key = key_of_double(*number);
      return interval_of(column, comparison, static_cast<Int128>(zero ? kNegativeZeroKey : key),
                         static_cast<Int128>(zero ? kPositiveZeroKey : key));
    }
    case ColumnType::json:
      return std::nullopt;
    default:
      break;
  }
  Int128 number = 0;
  if (const auto* wide = std::get_if<std::int64_t>(&value);
      wide != nullptr && (column.type == ColumnType::integer || column.type == ColumnType::bigint)) {
    number = *wide;
  } else if (const auto* flag = std::get_if<bool>(&value);
             flag != nullptr && column.type == ColumnType::boolean) {
    number = *flag ? 1 : 0;
  } else if (const auto* date = std::get_if<query::Date>(&value);
             date != nullptr && column.type == ColumnType::date) {
    number = date->days;
  } else if (const auto* time = std::get_if<query::Timestamp>(&value);
             time != nullptr && is_instant(column)) {
    number = time->micros;
  } else if (const auto* decimal = std::get_if<query::Decimal>(&value);
             decimal != nullptr && column.type == ColumnType::decimal &&
             decimal->scale == column.type.size.scale) {
    number = decimal->unscaled;
  } else {
    return std::nullopt;
  }
  number -= column.base;
  return interval_of(column, comparison, number, number);
}

bool keys_of_test(const Column& column, const query::Test& test, const query::Value& value,
                  const query::ValueList* list, std::int64_t offset, std::vector<Interval>& keys) {
  keys.clear();
  if (!std::visit(TestKeys{column, value, list, offset, keys}, test)) return false;
  join_intervals(keys);
  return true;
}

void join_intervals(std::vector<Interval>& keys) {
  const auto less = [](const Interval& a, const Interval& b) { return a.low < b.low; };
  // Those of a list of texts already are.
  if (!std::is_sorted(keys.begin(), keys.end(), less)) std::sort(keys.begin(), keys.end(), less);
  std::size_t kept = 0;
  for (const Interval& each : keys) {
    // Subtracted, because `high + 1` could overflow.
    const bool joins = kept > 0 && (each.low == 0 || each.low - 1 <= keys[kept - 1].high);
    if (joins) {
      keys[kept - 1].high = std::max(keys[kept - 1].high, each.high);
    } else {
      keys[kept++] = each;
    }
  }
  keys.resize(kept);
}

std::vector<Interval> common_keys(std::span<const Interval> a, std::span<const Interval> b) {
  std::vector<Interval> common;
  for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
    const std::uint64_t low = std::max(a[i].low, b[k].low);
    const std::uint64_t high = std::min(a[i].high, b[k].high);
    if (low <= high) common.push_back({low, high});
    if (a[i].high < b[k].high) {
      ++i;
    } else {
      ++k;
    }
  }
  return common;
}

}  // namespace offloader::index
