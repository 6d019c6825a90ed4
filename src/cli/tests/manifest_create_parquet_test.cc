#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli_scene.h"

// `offloader manifest create` with realistic Parquet files: it drafts a manifest that a server can load, or
// reports why it cannot.
namespace offloader::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

class ManifestCreateParquet : public testing::Test {
 protected:
  std::string data(const char* name) {
    fs::copy_file(fs::path(OFFLOADER_SOURCE_DIR) / "src/cli/tests/data" / name, folder_.path() / name);
    return (folder_.path() / name).string();
  }
  Outcome create(std::vector<std::string> files) {
    std::vector<std::string> line{"manifest", "create", "--dataset", "d", "--out", manifest()};
    line.insert(line.end(), files.begin(), files.end());
    return run_cli(line);
  }
  [[nodiscard]] std::string manifest() const { return (folder_.path() / "m.json").string(); }
  Outcome validate() { return run_cli({"manifest", "validate", manifest(), "--deep"}); }
  json schema() { return json::parse(contents(manifest())).at("schema"); }

  TemporaryFolder folder_;
};

TEST_F(ManifestCreateParquet, Create_ColumnWithoutValues_TakesTheTypeOfAnotherPart) {
  const auto untyped = data("untyped.parquet");
  for (const auto& [name, type] :
       {std::pair("typed.parquet", "VARCHAR"), std::pair("dated.parquet", "DATE")}) {
    const auto typed = data(name);
    for (const auto& files : {std::vector{untyped, typed}, std::vector{typed, untyped}}) {
      const auto made = create(files);
      ASSERT_EQ(made.code, 0) << made.err;
      EXPECT_EQ(schema().dump(),
                fmt::format(R"([{{"name":"id","type":"INTEGER"}},{{"name":"note","type":"{}"}}])", type));
      EXPECT_EQ(validate().code, 0) << validate().out << validate().err;
      fs::remove(manifest());
    }
  }
}

TEST_F(ManifestCreateParquet, Create_OtherCaseInALaterPart_IsTheSameColumn) {
  const auto made = create({data("lower_case.parquet"), data("title_case.parquet")});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(schema().dump(), R"([{"name":"id","type":"INTEGER"},{"name":"name","type":"VARCHAR"}])");
  EXPECT_EQ(validate().code, 0) << validate().out << validate().err;
}

TEST_F(ManifestCreateParquet, Create_NoUsableColumn_ReportsTheReasons) {
  const auto made = create({data("names.parquet")});
  EXPECT_EQ(made.code, 1);
  EXPECT_THAT(
      made.err,
      AllOf(
          HasSubstr("has no column that a dataset can have: Home City: a column name may have only letters"),
          HasSubstr("größe: a column name may have")));
}

TEST_F(ManifestCreateParquet, Create_BlobAndTime_DraftsVarchar) {
  const auto made = create({data("blob.parquet")});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(schema().dump(), R"([{"name":"code","type":"VARCHAR"},{"name":"at","type":"VARCHAR"}])");
  EXPECT_EQ(validate().code, 0) << validate().out << validate().err;
}

TEST_F(ManifestCreateParquet, Create_UnloadableValues_LeavesTheColumnOut) {
  const auto made = create({data("far_years.parquet")});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(
      made.err,
      AllOf(HasSubstr("left out d: Row 2: the value 20240-05-01 of d is outside the years 0001 to 9999"),
            HasSubstr("left out t: Row 2: the value")));
  EXPECT_EQ(schema().dump(), R"([{"name":"id","type":"INTEGER"}])");
  EXPECT_EQ(validate().code, 0);
}

}  // namespace
}  // namespace offloader::cli
