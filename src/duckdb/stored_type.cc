#include "stored_type.h"

namespace offloader::duckdb {

using catalog::ColumnType;

duckdb_type stored_type(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return DUCKDB_TYPE_BOOLEAN;
    case ColumnType::integer:
      return DUCKDB_TYPE_INTEGER;
    case ColumnType::bigint:
      return DUCKDB_TYPE_BIGINT;
    case ColumnType::float64:
      return DUCKDB_TYPE_DOUBLE;
    case ColumnType::date:
      return DUCKDB_TYPE_DATE;
    case ColumnType::decimal:
      return DUCKDB_TYPE_DECIMAL;
    case ColumnType::timestamp:
      return DUCKDB_TYPE_TIMESTAMP;
    case ColumnType::timestamptz:
      return DUCKDB_TYPE_TIMESTAMP_TZ;
    case ColumnType::uuid:
      return DUCKDB_TYPE_UUID;
    case ColumnType::varchar:
    case ColumnType::json:
      return DUCKDB_TYPE_VARCHAR;
  }
  return DUCKDB_TYPE_INVALID;
}

}  // namespace offloader::duckdb
