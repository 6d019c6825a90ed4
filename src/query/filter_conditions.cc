#include "filter_conditions.h"

namespace offloader::query {
namespace {

using catalog::ColumnType;
using catalog::FilterOp;
using catalog::ParamType;

bool is_whole(ColumnType column) {
  return column == ColumnType::integer || column == ColumnType::bigint;
}

// Only `>=` and `<=` can be told of a limit outside the column's range by a value inside it: everything is
// `>=` the least value.
bool may_be_outside(ParamType param, ColumnType column) {
  return is_whole(column) && param != ParamType::integer;
}

Test order_test(FilterOp op, ParamType param, ColumnType column) {
  const bool day = names_day(param, column);
  const bool clamped = may_be_outside(param, column);
  switch (op) {
    case FilterOp::gt:  // after the day is from the next midnight on
      return Compare(day || clamped ? Comparison::ge : Comparison::gt);
    case FilterOp::gte:
      return Compare(Comparison::ge);
    case FilterOp::lt:
      return Compare(clamped ? Comparison::le : Comparison::lt);
    default:
      return Compare(day ? Comparison::lt : Comparison::le);
  }
}

// Days of a zone have no bounds that could be told without its history, so they are compared as days.
FilterTests local_day_tests(const catalog::Filter& filter) {
  switch (filter.op) {
    case FilterOp::ne:
      return {CompareDay{Comparison::ne, filter.include_nulls}};
    case FilterOp::gt:
      return {CompareDay{Comparison::gt}};
    case FilterOp::gte:
      return {CompareDay{Comparison::ge}};
    case FilterOp::lt:
      return {CompareDay{Comparison::lt}};
    case FilterOp::lte:
      return {CompareDay{Comparison::le}};
    case FilterOp::in:
      return {Among{.by_day = true}};
    case FilterOp::not_in:
      return {Among{.negated = true, .or_null = filter.include_nulls, .by_day = true}};
    default:
      return {CompareDay{Comparison::eq}};
  }
}

}  // namespace

bool names_day(ParamType param, ColumnType column) {
  return param == ParamType::date && (column == ColumnType::timestamp || column == ColumnType::timestamptz);
}

FilterTests tests_for(const catalog::Filter& filter, ParamType param, ColumnType column, bool in_zone) {
  const bool day = names_day(param, column);
  const bool flag = filter.op == FilterOp::is_null;
  if (day && in_zone && !flag) return local_day_tests(filter);
  const bool nulls = filter.include_nulls;
  switch (filter.op) {
    case FilterOp::eq:
      if (day && filter.any != 0) return {Among{.by_day = true}};
      if (day) return {Compare(Comparison::ge), Compare(Comparison::lt)};
      return {Compare(Comparison::eq)};
    case FilterOp::ne:
      if (day) return {Among{.negated = true, .or_null = nulls, .by_day = true}};
      return {Compare(Comparison::ne, nulls)};
    case FilterOp::gt:
    case FilterOp::gte:
    case FilterOp::lt:
    case FilterOp::lte:
      return {order_test(filter.op, param, column)};
    case FilterOp::in:
      return {Among{.by_day = day}};
    case FilterOp::not_in:
      return {Among{.negated = true, .or_null = nulls, .by_day = day}};
    case FilterOp::prefix:
      return {Match{Match::How::prefix}};
    case FilterOp::contains:
      return {Match{Match::How::contains}};
    case FilterOp::icontains:
      return {Match{Match::How::icontains}};
    case FilterOp::is_null:
      return {NullTest{}};
  }
  return {};
}

}  // namespace offloader::query
