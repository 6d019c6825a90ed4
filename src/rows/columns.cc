#include "offloader/rows/columns.h"

#include "offloader/base/decimal.h"

namespace offloader::rows {
using catalog::Aggregate;
using catalog::ColumnType;

Kind kind_of(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return Kind::boolean;
    case ColumnType::integer:
      return Kind::int32;
    case ColumnType::bigint:
      return Kind::int64;
    case ColumnType::float64:
      return Kind::float64;
    case ColumnType::decimal:
      return Kind::decimal;
    case ColumnType::date:
      return Kind::date;
    case ColumnType::timestamp:
      return Kind::timestamp;
    case ColumnType::timestamptz:
      return Kind::timestamptz;
    case ColumnType::varchar:
      return Kind::text;
    case ColumnType::uuid:
      return Kind::uuid;
    case ColumnType::json:
      return Kind::json;
  }
  return Kind::text;
}

Kind kind_of(const query::Projection& projection) {
  if (!projection.aggregate) return kind_of(query::result_type(projection));
  switch (*projection.aggregate) {
    case Aggregate::count:
    case Aggregate::count_distinct:
      return Kind::int64;
    case Aggregate::avg:
    case Aggregate::median:
    case Aggregate::quantile:
      return Kind::float64;
    case Aggregate::sum:
      if (projection.type == ColumnType::decimal) return Kind::decimal;
      return projection.type == ColumnType::float64 ? Kind::float64 : Kind::int128;
    case Aggregate::min:
    case Aggregate::max:
    case Aggregate::first:
    case Aggregate::last: {
      // DuckDB returns the least or the greatest document as a text.
      const Kind kind = kind_of(projection.type);
      return kind == Kind::json ? Kind::text : kind;
    }
  }
  return Kind::int64;
}

Result<void> check_sums(const Columns& columns, const Batch& batch) {
  constexpr Int128 kBeyond = power_of_ten(kDecimalDigits);
  for (std::size_t c = 0; c < batch.columns.size(); ++c) {
    const Column& column = batch.columns[c];
    if (columns.projection(c).aggregate != Aggregate::sum || column.kind == Kind::float64) continue;
    for (std::size_t row = 0; row < batch.rows; ++row) {
      if (column.is_null(row)) continue;
      const Int128 sum = column.at<Wide>(row).number();
      if (sum >= kBeyond || sum <= -kBeyond)
        return fail(ErrorCode::internal, "The engine failed.", "a sum has more than 38 digits");
    }
  }
  return {};
}

}  // namespace offloader::rows
