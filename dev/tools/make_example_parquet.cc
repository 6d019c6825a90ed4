// make-example-parquet FILE: writes the Parquet file of examples/public-metrics, the same bytes each time:
// one thread, a fixed order, and values that are arithmetic of the row alone.
#include <duckdb.h>

#include <cstdio>
#include <string>

namespace {

constexpr const char* kQuery = R"sql(
COPY (
  WITH stations(n, station, city, lat, lon) AS (VALUES
    (0, 'zrh_01', 'Zürich', 47.3769, 8.5417), (1, 'kra_01', 'Kraków', 50.0647, 19.945),
    (2, 'mal_01', 'Malmö', 55.605, 13.0038), (3, 'sao_01', 'São Paulo', -23.5505, -46.6333),
    (4, 'tyo_01', '東京', 35.6762, 139.6503), (5, 'rey_01', 'Reykjavík', 64.1466, -21.9426))
  SELECT DATE '2025-01-01' + d::INTEGER AS day, station, city,
         round(10 + (n * 7 + d * 13) % 200 / 10.0, 1)::DOUBLE AS temperature,
         (40 + (n * 17 + d * 5) % 55)::INTEGER AS humidity,
         {'lat': lat::DOUBLE, 'lon': lon::DOUBLE} AS location,
         MAP {'pm10': ((n * 3 + d * 7) % 400 / 10.0)::DOUBLE, 'pm25': ((n * 5 + d * 3) % 250 / 10.0)::DOUBLE}
           AS readings
  FROM stations, range(365) AS days(d)
  ORDER BY day, station
) TO '$FILE' (FORMAT parquet, COMPRESSION zstd)
)sql";

bool run(duckdb_connection connection, const std::string& sql) {
  duckdb_result result;
  const bool done = duckdb_query(connection, sql.c_str(), &result) == DuckDBSuccess;
  if (!done) std::fprintf(stderr, "make-example-parquet: %s\n", duckdb_result_error(&result));
  duckdb_destroy_result(&result);
  return done;
}

std::string query_for(const std::string& file) {
  std::string quoted;
  for (const char c : file) quoted.append(c == '\'' ? 2 : 1, c);
  std::string sql = kQuery;
  sql.replace(sql.find("$FILE"), 5, quoted);
  return sql;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make-example-parquet FILE\n");
    return 2;
  }
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  if (duckdb_open(nullptr, &database) != DuckDBSuccess) return 1;
  bool done = duckdb_connect(database, &connection) == DuckDBSuccess;
  done = done && run(connection, "SET threads = 1") && run(connection, query_for(argv[1]));
  duckdb_disconnect(&connection);
  duckdb_close(&database);
  return done ? 0 : 1;
}
