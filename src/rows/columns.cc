#include "offloader/rows/columns.h"

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
    case ColumnType::date:
      return Kind::date;
    case ColumnType::timestamp:
      return Kind::timestamp;
    case ColumnType::varchar:
      return Kind::text;
    case ColumnType::json:
      return Kind::json;
  }
  return Kind::text;
}

Kind kind_of(const query::Projection& projection) {
  if (!projection.aggregate) return kind_of(projection.type);
  switch (*projection.aggregate) {
    case Aggregate::count:
      return Kind::int64;
    case Aggregate::avg:
      return Kind::float64;
    case Aggregate::sum:
      return projection.type == ColumnType::float64 ? Kind::float64 : Kind::int128;
    case Aggregate::min:
    case Aggregate::max: {
      // DuckDB returns the least or the greatest document as a text.
      const Kind kind = kind_of(projection.type);
      return kind == Kind::json ? Kind::text : kind;
    }
  }
  return Kind::int64;
}

}  // namespace offloader::rows
