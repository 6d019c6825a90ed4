#include "index_repair.h"

#include <fmt/format.h>

#include <algorithm>

#include "duckdb_handle.h"

namespace offloader::engine {

IndexBuild index_layout(const BuildRequest& request, const std::vector<std::size_t>& sorted) {
  const auto& schema = request.dataset->schema;
  const auto as_declared = [&](std::size_t column) {
    const auto found =
        std::ranges::find(request.manifest.schema, schema[column].name, &catalog::Column::name);
    return found != request.manifest.schema.end() && found->type == schema[column].type;
  };
  IndexBuild build;
  build.table = "target.main.rows";
  build.schema = schema;
  build.tenant_column = request.dataset->tenant_column;
  for (const auto column : sorted) {
    if (!as_declared(column)) break;
    if (column != build.tenant_column) build.sort_columns.push_back(column);
  }
  std::ranges::copy_if(request.indexed_columns, std::back_inserter(build.indexed_columns), as_declared);
  build.output = SnapshotFiles{request.output}.index();
  return build;
}

std::string layout_sql(const IndexBuild& build) {
  std::string sql = "CREATE TABLE target.main.layout (name VARCHAR, position INTEGER)";
  std::string values;
  for (std::size_t i = 0; i < build.sort_columns.size(); ++i) {
    values += fmt::format("{}({}, {})", values.empty() ? "" : ", ",
                          quote_literal(build.schema[build.sort_columns[i]].name), i);
  }
  for (const std::size_t column : build.indexed_columns) {
    values +=
        fmt::format("{}({}, NULL)", values.empty() ? "" : ", ", quote_literal(build.schema[column].name));
  }
  if (!values.empty()) sql += "; INSERT INTO target.main.layout VALUES " + values;
  return sql;
}

Result<void> repair_index(const EngineOptions& options, const SnapshotFiles& files,
                          const catalog::Dataset& dataset, InstanceLedger& ledger, const CancelFlag& cancel) {
  auto database = open_instance({1,
                                 options.memory_limit / 6,
                                 false,
                                 options.cache_dir / "tmp",
                                 {},
                                 {files.database().parent_path().string()},
                                 {}});
  if (!database) return fail(std::move(database.error()));
  ledger.add(*database);
  auto connection = Connection::open(*database);
  if (!connection) return fail(std::move(connection.error()));
  auto attached = connection->query(
      fmt::format("ATTACH {} AS target (READ_ONLY)", quote_literal(files.database().string())));
  if (!attached) return fail(std::move(attached.error()));
  auto layout =
      connection->rows("SELECT name, position FROM target.main.layout ORDER BY position NULLS LAST");
  if (!layout) return fail(std::move(layout.error()));
  IndexBuild build;
  build.connection = connection->get();
  build.table = "target.main.rows";
  build.schema = dataset.schema;
  build.tenant_column = dataset.tenant_column;
  for (const auto& row : *layout) {
    const auto found = std::ranges::find(dataset.schema, row[0], &catalog::Column::name);
    if (found == dataset.schema.end()) continue;
    const auto column = static_cast<std::size_t>(found - dataset.schema.begin());
    (row[1].empty() ? build.indexed_columns : build.sort_columns).push_back(column);
  }
  build.output = files.index();
  build.cancel = &cancel;
  return build_index(build);
}

}  // namespace offloader::engine
