#include "bucket_choice.h"

#include <algorithm>

#include "offloader/catalog/time_zone.h"

namespace offloader::query {
namespace {

using catalog::Grain;

// The next greater value of the type.
Date after(Date value) {
  return {value.days + 1};
}
Date before(Date value) {
  return {value.days - 1};
}
Timestamp after(Timestamp value) {
  return {value.micros + 1};
}
Timestamp before(Timestamp value) {
  return {value.micros - 1};
}

template <typename T>
void raise(std::optional<T>& bound, T value) {
  bound = bound ? std::max(*bound, value) : value;
}
template <typename T>
void lower(std::optional<T>& bound, T value) {
  bound = bound ? std::min(*bound, value) : value;
}

bool is_lower(Comparison comparison) {
  return comparison == Comparison::ge || comparison == Comparison::gt || comparison == Comparison::eq;
}
bool is_upper(Comparison comparison) {
  return comparison == Comparison::le || comparison == Comparison::lt || comparison == Comparison::eq;
}

template <typename T>
void narrow(Comparison comparison, T value, std::optional<T>& first, std::optional<T>& last) {
  if (is_lower(comparison)) raise(first, comparison == Comparison::gt ? after(value) : value);
  if (is_upper(comparison)) lower(last, comparison == Comparison::lt ? before(value) : value);
}

// The word of a grain is valid: the contract lists it.
Grain grain_of(const std::string& word) {
  return catalog::find_row(catalog::kGrains, &catalog::GrainRow::name, word)->grain;
}

}  // namespace

std::optional<std::size_t> bucketed_select(const catalog::Endpoint& endpoint) {
  const auto found = std::find_if(endpoint.select.begin(), endpoint.select.end(),
                                  [](const catalog::Select& select) { return select.bucket.has_value(); });
  if (found == endpoint.select.end()) return std::nullopt;
  return static_cast<std::size_t>(found - endpoint.select.begin());
}

Bucket resolve_bucket(const catalog::Bucket& bucket, const std::string* grain, const std::string* zone) {
  Bucket out{.grain = grain != nullptr ? grain_of(*grain) : bucket.grain,
             .zone = zone != nullptr ? *zone : bucket.zone,
             .week_start = bucket.week_start,
             .fill = bucket.fill,
             .instants = bucket.hourly};
  if (catalog::fixed_offset(out.zone) == 0) out.zone.clear();
  return out;
}

std::optional<Bucket> standard_bucket(const catalog::Endpoint& endpoint) {
  const auto select = bucketed_select(endpoint);
  if (!select) return std::nullopt;
  return resolve_bucket(*endpoint.select[*select].bucket, nullptr, nullptr);
}

ZonedColumn zoned_column(const catalog::Endpoint& endpoint, const std::optional<Bucket>& bucket) {
  if (!bucket || bucket->zone.empty()) return {};
  return {endpoint.select[*bucketed_select(endpoint)].column, bucket->zone};
}

void append_choice(std::string& out, const catalog::Bucket& declared, const Bucket& chosen) {
  if (!declared.grain_param && !declared.zone_param) return;
  out += 'b';
  out += static_cast<char>('0' + number_of(chosen.grain));
  out += chosen.zone;
  out += ';';
}

void AxisCollector::add(const FilterTests& tests, std::span<const Value> values, std::size_t filter) {
  const auto take = [&](const Test& test, const Value& value) {
    if (const auto* const compare = std::get_if<Compare>(&test)) add(compare->comparison, value, filter);
    if (const auto* const day = std::get_if<CompareDay>(&test)) add(day->comparison, value, filter);
  };
  take(tests.first, values.front());
  if (tests.second) take(*tests.second, values.back());
}

void AxisCollector::add(Comparison comparison, const Value& value, std::size_t filter) {
  if (const auto* const day = std::get_if<Date>(&value)) {
    narrow(comparison, *day, bounds_.first_day, bounds_.last_day);
  } else if (const auto* const instant = std::get_if<Timestamp>(&value)) {
    narrow(comparison, *instant, bounds_.first, bounds_.last);
  } else {
    return;
  }
  if (is_lower(comparison)) begin_ = filter;
  if (is_upper(comparison)) end_ = filter;
}

void AxisCollector::check(const catalog::Endpoint& endpoint, const Bucket& bucket, Problems& problems) const {
  const auto least = least_buckets(bounds_, bucket);
  if (!least || *least <= kMostBuckets) return;
  for (const std::size_t filter : {*begin_, *end_}) {
    if (!endpoint.filters[filter].has_param()) continue;
    const std::string& name = endpoint.params[endpoint.filters[filter].param].name;
    problems.add(name, in_quotes(name) + " bounds a range of more than 100,000 buckets");
    return;
  }
  problems.add({}, "the answer would have more than 100,000 buckets");
}

}  // namespace offloader::query
