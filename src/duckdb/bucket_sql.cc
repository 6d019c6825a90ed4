#include "bucket_sql.h"

#include <fmt/format.h>

namespace offloader::duckdb {
namespace {

using catalog::ColumnType;
using catalog::Grain;
using catalog::WeekStart;

// Returns the wall-clock time, a TIMESTAMP without a zone.
std::string local_time(const std::string& column, ColumnType type, const std::string& zone) {
  if (type == ColumnType::timestamptz)
    return fmt::format("timezone('{}', {})", zone.empty() ? "UTC" : zone, column);
  if (zone.empty()) return column;
  return fmt::format("timezone('{}', timezone('UTC', {}))", zone, column);
}

// Converts a TIMESTAMPTZ.
std::string as_type(const std::string& instant, ColumnType type) {
  return type == ColumnType::timestamptz ? instant : fmt::format("timezone('UTC', {})", instant);
}

}  // namespace

std::string local_day(const std::string& column, ColumnType type, const std::string& zone) {
  if (type == ColumnType::date) return column;
  return fmt::format("CAST({} AS DATE)", zone.empty() ? column : local_time(column, type, zone));
}

std::string key_of_day(const query::Bucket& bucket, const std::string& day) {
  switch (bucket.grain) {
    case Grain::hour:
    case Grain::day:
      return day;
    // Arithmetic on days is faster than date_trunc(), and its type does not depend on DuckDB's version.
    case Grain::week:
      return bucket.week_start == WeekStart::monday
                 ? fmt::format("({0} - CAST(isodow({0}) - 1 AS INTEGER))", day)
                 : fmt::format("({0} - CAST(dayofweek({0}) AS INTEGER))", day);
    case Grain::month:
      return fmt::format("({0} - CAST(day({0}) - 1 AS INTEGER))", day);
    case Grain::quarter:
      return fmt::format("CAST(date_trunc('quarter', {}) AS DATE)", day);
    case Grain::year:
      return fmt::format("({0} - CAST(dayofyear({0}) - 1 AS INTEGER))", day);
  }
  return day;
}

std::string bucket_key(const query::Bucket& bucket, const std::string& column, ColumnType type) {
  if (bucket.grain != Grain::hour) return key_of_day(bucket, local_day(column, type, bucket.zone));
  const std::string local = local_time(column, type, bucket.zone);
  if (local == column) return fmt::format("date_trunc('hour', {})", column);
  // The way back through timezone() would join an hour that occurs twice.
  return fmt::format("({0} - ({1} - date_trunc('hour', {1})))", column, local);
}

std::string first_instant(const std::string& day, ColumnType type, const std::string& zone) {
  const std::string midnight = fmt::format("CAST({} AS TIMESTAMP)", day);
  if (zone.empty())
    return type == ColumnType::timestamp ? midnight : fmt::format("timezone('UTC', {})", midnight);
  // Of a time that occurs twice, timezone() returns the second instant; of one that is skipped, the instant
  // at the offset before the gap, which is its end. The first instant is the one at the offset of the day
  // before.
  const std::string instant = fmt::format("timezone('{}', {})", zone, midnight);
  const std::string day_before = fmt::format("({} - INTERVAL 24 HOURS)", instant);
  const std::string earlier = fmt::format(
      "timezone('UTC', {0} - (timezone('{1}', {2}) - timezone('UTC', {2})))", midnight, zone, day_before);
  return as_type(fmt::format("(CASE WHEN timezone('{0}', {1}) = {2} THEN least({1}, {3}) ELSE {3} END)", zone,
                             earlier, midnight, instant),
                 type);
}

std::string bucket_value(const query::Bucket& bucket, const std::string& key, ColumnType type) {
  return bucket.instants && bucket.grain != Grain::hour ? first_instant(key, type, bucket.zone) : key;
}

bool has_costly_value(const query::Bucket& bucket) {
  return bucket.instants && bucket.grain != Grain::hour && !bucket.zone.empty();
}

}  // namespace offloader::duckdb
