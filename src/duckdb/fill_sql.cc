#include "fill_sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "bucket_sql.h"
#include "offloader/catalog/time_zone.h"

namespace offloader::duckdb {
namespace {

using catalog::Aggregate;
using catalog::ColumnType;
using catalog::Grain;

std::string too_many() {
  return fmt::format("error('{}')", kTooManyBuckets);
}

class Axis {
 public:
  Axis(const query::PlanShape& shape, std::size_t& next)
      : projection_(shape.projections[*shape.bucketed]),
        bucket_(*projection_.bucket),
        type_(projection_.type),
        key_("found." + column_name(*shape.bucketed)),
        next_(next) {}

  // The params, with their types.
  std::string bounds() {
    std::string sql =
        fmt::format("SELECT CAST(${} AS DATE) AS first_day, CAST(${} AS DATE) AS last_day", next_, next_ + 1);
    next_ += 2;
    if (type_ == ColumnType::date) return sql;
    const std::string_view name = catalog::name_of(type_);
    sql += fmt::format(", CAST(${} AS {}) AS first_at, CAST(${} AS {}) AS last_at", next_, name, next_ + 1,
                       name);
    next_ += 2;
    if (bucket_.grain != Grain::hour) return sql;
    // Hours are cut from instants.
    return fmt::format("SELECT {} AS first_at, {} AS last_at FROM ({})", later_begin(), earlier_end(), sql);
  }

  // The first and the last key: of the bounds, or of what was found where there is none.
  std::string ends() const {
    std::string first;
    std::string last;
    if (bucket_.grain == Grain::hour) {
      first = hour_of("first_at");
      last = hour_of("last_at");
    } else {
      first = key_of_day(bucket_, "first_day");
      last = key_of_day(bucket_, "last_day");
      if (type_ != ColumnType::date) {
        first = fmt::format("greatest({}, {})", first, bucket_key(bucket_, "first_at", type_));
        last = fmt::format("least({}, {})", last, bucket_key(bucket_, "last_at", type_));
      }
    }
    return fmt::format(
        "SELECT coalesce({0}, (SELECT min({2}) FROM found)) AS a, coalesce({1}, (SELECT max({2}) FROM "
        "found)) AS z "
        "FROM bounds WHERE {3}",
        first, last, key_, in_order());
  }

  // All keys from the first to the last. An axis without end is refused before it is generated.
  std::string keys() const {
    const bool fixed = catalog::fixed_offset(bucket_.zone).has_value();
    switch (bucket_.grain) {
      case Grain::hour:
        if (fixed) return series("(epoch_us(z) - epoch_us(a)) // 3600000000", 1, "a + to_hours(i)");
        // Hours begin at full hours of local time, wherever its offset puts them, and offsets change by full
        // quarters. The last hour may begin within the one before, when a half hour occurs twice.
        return fmt::format(
            "SELECT DISTINCT k FROM (SELECT {} AS k, a, z FROM ({}) UNION ALL SELECT z, a, z FROM ends) "
            "WHERE k >= a AND k <= z",
            hour_of("x"),
            series("(epoch_us(z) - epoch_us(a)) // 900000000", 4, "a + to_minutes(15 * i)", "x, a, z"));
      case Grain::day:
        if (fixed) return series("z - a", 1, "a + CAST(i AS INTEGER)");
        // A zone that crosses the date line has skipped a day.
        return fmt::format("SELECT k FROM ({}) WHERE {} = k", series("z - a", 1, "a + CAST(i AS INTEGER)"),
                           local_day(first_instant("k", ColumnType::timestamptz, bucket_.zone),
                                     ColumnType::timestamptz, bucket_.zone));
      case Grain::week:
        return series("(z - a) // 7", 1, "a + CAST(7 * i AS INTEGER)");
      case Grain::month:
        return months(1);
      case Grain::quarter:
        return months(3);
      case Grain::year:
        return months(12);
    }
    return {};
  }

 private:
  // Whether something is between the bounds. They may be in the wrong order within one bucket.
  std::string in_order() const {
    std::string first = "first_at";
    std::string last = "last_at";
    if (type_ == ColumnType::date) {
      first = "first_day";
      last = "last_day";
    } else if (bucket_.grain != Grain::hour) {
      first = later_begin();
      last = earlier_end();
    }
    return fmt::format("coalesce({} <= {}, true)", first, last);
  }
  // The instants that the days and the instants of the bounds leave.
  std::string later_begin() const {
    return fmt::format("greatest({}, first_at)", first_instant("first_day", type_, bucket_.zone));
  }
  std::string earlier_end() const {
    return fmt::format("least({} - INTERVAL 1 MICROSECOND, last_at)",
                       first_instant("(last_day + 1)", type_, bucket_.zone));
  }

  // An instant in a bucket of hours.
  std::string hour_of(const std::string& instant) const { return bucket_key(bucket_, instant, type_); }

  // One key for each i from 0 to `steps`, of which `per_bucket` may belong to one bucket.
  static std::string series(const std::string& steps, std::int64_t per_bucket, const std::string& key,
                            std::string_view columns = "k") {
    const std::string_view name = columns.substr(0, 1);
    return fmt::format(
        "SELECT {0} AS {1}{2} FROM (SELECT a, z, unnest(generate_series(0, CASE WHEN {3} > {4} THEN {5} ELSE "
        "{3} "
        "END)) AS i FROM ends)",
        key, name, columns.substr(1), steps, (query::kMostBuckets + 2) * per_bucket, too_many());
  }
  static std::string months(int each) {
    return series(fmt::format("date_diff('month', a, z) // {}", each), 1,
                  fmt::format("CAST(a + to_months(CAST({} * i AS INTEGER)) AS DATE)", each));
  }

  const query::Projection& projection_;
  const query::Bucket& bucket_;
  const ColumnType type_;
  const std::string key_;
  std::size_t& next_;
};

// The group columns beside the bucket.
std::vector<std::size_t> other_keys(const query::PlanShape& shape) {
  std::vector<std::size_t> others;
  for (const std::size_t projection : shape.group_by) {
    if (projection != *shape.bucketed) others.push_back(projection);
  }
  return others;
}

}  // namespace

std::string column_name(std::size_t projection) {
  return fmt::format("c{}", projection);
}

FillSql fill_sql(const query::PlanShape& shape, const std::string& grouped, std::size_t& next) {
  Axis axis(shape, next);
  const auto others = other_keys(shape);
  std::string names;
  std::string equal = fmt::format("added.k IS NOT DISTINCT FROM found.{}", column_name(*shape.bucketed));
  for (const std::size_t other : others) {
    names += (names.empty() ? "" : ", ") + column_name(other);
    equal += fmt::format(" AND added.{0} IS NOT DISTINCT FROM found.{0}", column_name(other));
  }
  // Without other group columns there is one combination, even if there are no rows.
  const std::string combinations =
      others.empty() ? "SELECT 1 AS one" : "SELECT DISTINCT " + names + " FROM found";
  FillSql sql;
  sql.with = fmt::format(
      "WITH found AS MATERIALIZED ({}), bounds AS MATERIALIZED ({}), ends AS MATERIALIZED ({}), axis AS "
      "MATERIALIZED "
      "({}), others AS MATERIALIZED ({}), added AS (SELECT * FROM axis CROSS JOIN others WHERE CASE WHEN "
      "(SELECT "
      "count(*) FROM axis) * (SELECT count(*) FROM others) > {} THEN {} ELSE true END) ",
      grouped, axis.bounds(), axis.ends(), axis.keys(), combinations, query::kMostBuckets, too_many());
  sql.from = fmt::format("added FULL JOIN found ON {}", equal);
  return sql;
}

std::string filled_value(const query::PlanShape& shape, std::size_t projection) {
  const query::Projection& own = shape.projections[projection];
  const std::string name = column_name(projection);
  if (own.bucket)
    return bucket_value(*own.bucket, fmt::format("coalesce(found.{}, added.k)", name), own.type);
  if (!own.aggregate) return fmt::format("coalesce(found.{0}, added.{0})", name);
  const bool zero =
      shape.filled()->fill == catalog::Fill::zero && catalog::row_of(*own.aggregate).zero_if_added;
  return zero ? fmt::format("CASE WHEN found.present THEN found.{} ELSE 0 END", name) : "found." + name;
}

idx_t bind_axis(duckdb_prepared_statement statement, const query::Plan& plan, idx_t at) {
  const ColumnType type = plan.shape->projections[*plan.shape->bucketed].type;
  const auto day = [&](const std::optional<query::Date>& value) {
    return value ? duckdb_bind_date(statement, at++, {value->days}) : duckdb_bind_null(statement, at++);
  };
  const auto instant = [&](const std::optional<query::Timestamp>& value) {
    if (!value) return duckdb_bind_null(statement, at++);
    return type == ColumnType::timestamptz ? duckdb_bind_timestamp_tz(statement, at++, {value->micros})
                                           : duckdb_bind_timestamp(statement, at++, {value->micros});
  };
  bool good = day(plan.axis.first_day) == DuckDBSuccess && day(plan.axis.last_day) == DuckDBSuccess;
  if (type != ColumnType::date) {
    good = good && instant(plan.axis.first) == DuckDBSuccess && instant(plan.axis.last) == DuckDBSuccess;
  }
  return good ? at : 0;
}

}  // namespace offloader::duckdb
