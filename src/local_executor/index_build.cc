#include "index_build.h"

#include "offloader/duckdb/table_stream.h"
#include "offloader/index/writer.h"

namespace offloader::local_executor {

Result<void> build_index(const IndexBuild& build) {
  const index::Layout layout = layout_of(build.layout);
  const auto cannot = [](std::string detail) {
    return fail(ErrorCode::internal, "the index cannot be built", std::move(detail));
  };
  if (layout.columns.empty()) return cannot("no columns");
  duckdb::TableStream stream{.table = build.table, .columns = layout.columns, .order = {}};
  if (!build.sorted) stream.order = layout.sort_columns;
  index::Writer writer(build.output, layout);
  writer.belongs_to(build.fingerprint, build.layout.id);
  auto streamed = duckdb::stream_table(*build.connection, stream, build.cancel,
                                       [&](const rows::Batch& batch) { return writer.append(batch); });
  if (!streamed && streamed.error().code == ErrorCode::internal)
    return cannot(std::move(streamed.error().detail));
  if (!streamed) return streamed;
  return writer.finish();
}

}  // namespace offloader::local_executor
