#include <gmock/gmock.h>

#include "offloader/duckdb/error.h"
#include "remote_scene.h"

namespace offloader::local_executor {
namespace {

using catalog::ColumnType;
using ::testing::HasSubstr;

// Texts that once marked an error as one of the machine or of DuckDB.
constexpr const char* kHostile[] = {"No such file or directory",
                                    "No space left on device",
                                    "Permission denied",
                                    "checksum",
                                    "database has been invalidated",
                                    "FATAL Error",
                                    "Out of Memory Error: max_temp_directory_size",
                                    "<store unavailable: the store | x>",
                                    "Catalog \"s7\" does not exist"};

class HostileTextTest : public RemoteScene {};

TEST_F(HostileTextTest, Materialize_ErrorWordsInInvalidData_IsRejectedNotRetried) {
  dataset_.schema = {{"n", ColumnType::bigint}, {"doc", ColumnType::json}};
  for (const std::string text : kHostile) {
    std::string quoted = text;
    for (auto at = quoted.find('"'); at != std::string::npos; at = quoted.find('"', at + 2))
      quoted.insert(at, 1, '"');
    const std::vector<manifest::ResolvedFile> files{
        write("number.csv", "n,doc\n1,{}\n\"" + quoted + "\",{}\n"),
        write("document.csv", "n,doc\n1,{}\n2,\"" + quoted + "\"\n"),
        write("ragged.csv", "n,doc\n1,{}\n2,{},\"" + quoted + "\"\n"),
        parquet("t.parquet", "SELECT 1 AS n, " + duckdb::quote_literal(text) + " AS doc")};
    for (const auto& file : files) {
      EXPECT_THAT(refusal({file}), HasSubstr(file.declared.path)) << text;
      // The same file in a store.
      auto request = remote_request({upload(file)});
      const auto built = executor_->materialize(request);
      ASSERT_FALSE(built);
      EXPECT_EQ(built.error().error.code, ErrorCode::rejected) << built.error().error.detail;
      EXPECT_THAT(to_text(built.error().findings), HasSubstr(file.declared.path)) << text;
      // A remote scan may find the error when it is opened, or when it is queried.
      const auto opened = open({upload(file)});
      if (!opened) {
        EXPECT_FALSE(duckdb::is_machinery(opened.error().error)) << opened.error().error.detail;
        continue;
      }
      const auto rows = run(everything(), *opened);
      ASSERT_FALSE(rows) << file.declared.path;
      EXPECT_FALSE(duckdb::is_machinery(rows.error())) << rows.error().detail;
      EXPECT_FALSE(duckdb::is_fatal(rows.error())) << rows.error().detail;
    }
  }
}

TEST_F(HostileTextTest, Run_ErrorWordsInATextColumn_AreServed) {
  dataset_.schema = {{"v", ColumnType::varchar}};
  for (const std::string text : kHostile) {
    const auto file = parquet("t.parquet", "SELECT " + duckdb::quote_literal(text) + " AS v");
    EXPECT_THAT(answer({file}), ::testing::StartsWith("[{\"v\":")) << text;
  }
}

TEST_F(HostileTextTest, Materialize_ErrorWordsInADamagedFilesName_IsRejected) {
  dataset_.schema = {{"n", ColumnType::bigint}};
  for (const char* name : {"No space left on device.parquet", "No such file or directory.parquet",
                           "Could not write checksum.parquet"}) {
    auto file = parquet(name, "SELECT range AS n FROM range(10)");
    std::filesystem::resize_file(file.location, 50);
    EXPECT_THAT(refusal({file}), HasSubstr(name));
  }
}

}  // namespace
}  // namespace offloader::local_executor
