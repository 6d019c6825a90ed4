#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "offloader/duckdb/instance.h"
#include "offloader/executor/testing/json_rows.h"
#include "offloader/index/execute.h"
#include "offloader/index/reader.h"
#include "offloader/rows/json_writer.h"

namespace offloader::local_executor {

using executor::testing::JsonRows;
using executor::testing::with_json;

inline Result<JsonRows> execute_as_json(const query::Plan& plan, const index::Reader& reader,
                                        const index::Lookup& lookup) {
  rows::JsonWriter writer;
  const auto written = execute(plan, reader, lookup, writer);
  if (!written) return fail(written.error());
  return JsonRows{{.row_count = written->rows, .has_more = written->has_more, .end = written->end},
                  writer.take().text};
}
inline Result<JsonRows> execute_as_json(const query::Plan& plan, const index::Reader& reader) {
  return execute_as_json(plan, reader, look_up(plan, reader));
}

// A fixture with an in-memory DuckDB and its table `t`. It builds an index of `t`, and runs plans over `t` in
// DuckDB for comparison.
class IndexScene : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  void run(const std::string& sql);
  // Builds an index of all columns of `t`. The rows of `t` must be sorted by the first 1 + `sorted` columns,
  // the first of which is the tenant column.
  void build(const std::vector<catalog::Column>& schema, std::size_t sorted);
  // Builds an index of a table that is sorted by the tenant column and one more.
  void build_sorted(const std::vector<catalog::Column>& schema, std::size_t sorted_by);
  // Builds the index and opens it; nullptr if that fails.
  std::shared_ptr<const index::Reader> index(const std::vector<catalog::Column>& schema, std::size_t sorted);
  [[nodiscard]] std::filesystem::path index_path() const { return folder_ / "t.index"; }

  // Returns DuckDB's answer to the plan, written as JSON. Empty if the query fails.
  JsonRows by_duckdb(const query::Plan& plan);
  // The same by the SQL that serves requests. `types` are those of the columns of `t`.
  Result<JsonRows> by_renderer(const query::Plan& plan, const std::vector<catalog::SizedType>& types);
  Result<JsonRows> by_renderer(const query::Plan& plan);

 private:
  void build_by(const std::vector<catalog::Column>& schema, std::vector<std::size_t> sorted);

 protected:
  std::filesystem::path folder_;
  std::optional<duckdb::Connection> connection_;
};

}  // namespace offloader::local_executor
