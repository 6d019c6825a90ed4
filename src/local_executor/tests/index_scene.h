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
  return JsonRows{{.row_count = written->rows, .has_more = written->has_more}, writer.take().text};
}
inline Result<JsonRows> execute_as_json(const query::Plan& plan, const index::Reader& reader) {
  return execute_as_json(plan, reader, look_up(plan, reader));
}

// An in-memory DuckDB with a table `t`, an index of it, and DuckDB's answers to plans over it.
class IndexScene : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  void run(const std::string& sql);
  // An index of all columns of `t`, which is sorted by the first 1 + `sorted` columns; the first is the
  // tenant's.
  void build(const std::vector<catalog::Column>& schema, std::size_t sorted);
  std::shared_ptr<const index::Reader> index(const std::vector<catalog::Column>& schema, std::size_t sorted);
  [[nodiscard]] std::filesystem::path index_path() const { return folder_ / "t.index"; }

  // The plan's answer by SQL; {} for null, bytes as json_text writes them.
  JsonRows by_duckdb(const query::Plan& plan);

  std::filesystem::path folder_;
  std::optional<duckdb::Connection> connection_;
};

}  // namespace offloader::local_executor
