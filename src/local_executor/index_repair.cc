#include "index_repair.h"

#include <fmt/format.h>

#include <algorithm>

#include "index_build.h"
#include "index_layout.h"
#include "offloader/duckdb/instance.h"

namespace offloader::local_executor {
namespace {

// The layout with which the snapshot was built, from the table `layout` of its file.
Result<index::WantedLayout> recorded_layout(duckdb::Connection& connection, const catalog::Dataset& dataset) {
  auto rows = connection.rows("SELECT name, position FROM target.main.layout ORDER BY position NULLS LAST");
  if (!rows) return fail(std::move(rows.error()));
  index::WantedLayout layout;
  layout.schema = dataset.schema.items();
  layout.tenant_column = dataset.tenant_column;
  for (const auto& row : *rows) {
    const auto found = std::ranges::find(dataset.schema, row[0], &catalog::Column::name);
    if (found == dataset.schema.end()) continue;
    const auto column = static_cast<std::size_t>(found - dataset.schema.begin());
    (row[1].empty() ? layout.indexed_columns : layout.sort_columns).push_back(column);
  }
  layout.id = layout_id(layout);
  return layout;
}

bool begins_with(const std::vector<std::size_t>& columns, const std::vector<std::size_t>& first) {
  return columns.size() >= first.size() && std::equal(first.begin(), first.end(), columns.begin());
}

}  // namespace

Result<bool> repair_index(const Options& options, const IndexRepair& repair, InstanceLedger& ledger,
                          BuildMemory& memory, const CancelFlag& cancel) {
  auto share = memory.take(repair.memory_wait, &cancel);
  if (!share) return fail(std::move(share.error()));
  duckdb::InstanceOptions instance;
  instance.memory_limit = share->bytes();
  instance.spill_limit = options.memory_limit / 6 * 16;
  instance.temp_directory = options.cache_dir / "tmp";
  instance.allowed_directories = {repair.files.database().parent_path().string()};
  auto database = duckdb::open_instance(instance);
  if (!database) return fail(std::move(database.error()));
  ledger.add(*database);
  share->follow(*database);
  auto connection = duckdb::Connection::open(*database);
  if (!connection) return fail(std::move(connection.error()));
  auto attached = connection->query(fmt::format("ATTACH {} AS target (READ_ONLY)",
                                                duckdb::quote_literal(repair.files.database().string())));
  if (!attached) return fail(std::move(attached.error()));
  auto recorded = recorded_layout(*connection, *repair.dataset);
  if (!recorded) return fail(std::move(recorded.error()));

  IndexBuild build;
  build.connection = &*connection;
  build.table = kIndexedTable;
  build.layout = repair.wanted.value_or(*recorded);
  build.sorted = begins_with(recorded->sort_columns, build.layout.sort_columns);
  build.fingerprint = repair.fingerprint;
  build.output = repair.files.index();
  build.cancel = &cancel;
  if (!build.layout.has_columns()) return false;
  auto built = build_index(build);
  if (!built && !build.sorted && !cancel.cancelled()) {
    build.sorted = true;
    build.layout.sort_columns = recorded->sort_columns;
    built = build_index(build);
  }
  if (!built) return fail(std::move(built.error()));
  return true;
}

}  // namespace offloader::local_executor
