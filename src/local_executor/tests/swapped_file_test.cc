#include <gmock/gmock.h>

#include "local_scene.h"

// Local files are read through the descriptor that was opened. A link or file that replaces one during a
// build is not read.
namespace offloader::local_executor {
namespace {

using ::testing::HasSubstr;

class SwappedFile : public LocalScene {
 protected:
  SwappedFile() {
    root_ = std::filesystem::canonical(root_);
    std::filesystem::create_directories(root_ / "project/data");
    std::filesystem::create_directories(root_ / "secret");
    dataset_.schema = {{.name = "id", .type = catalog::ColumnType::bigint}};
  }
  // Writes a CSV or Parquet file with one row, `id`.
  manifest::ResolvedFile data(const std::string& name, int id) {
    if (name.ends_with(".csv")) return write(name, "id\n" + std::to_string(id) + "\n");
    return parquet(name, "SELECT " + std::to_string(id) + "::BIGINT AS id");
  }
};

TEST_F(SwappedFile, Materialize_FileOrFolderReplacedByALink_IsNotRead) {
  for (const std::string name : {"a.csv", "a.parquet"}) {
    data("secret/" + name, 2);
    const auto file = data("project/data/" + name, 1);
    EXPECT_THAT(answer({file}), HasSubstr("1"));
    std::filesystem::remove(file.location);
    std::filesystem::create_symlink(root_ / "secret" / name, file.location);
    const auto linked = executor_->materialize(request({file}, std::nullopt));
    ASSERT_FALSE(linked) << name;
    EXPECT_THAT(linked.error().error.message, HasSubstr("symbolic link"));
    EXPECT_EQ(linked.error().error.code, ErrorCode::changed);
  }
  const auto file = data("project/data/b.csv", 1);
  data("secret/b.csv", 2);
  std::filesystem::rename(root_ / "project/data", root_ / "project/moved");
  std::filesystem::create_directory_symlink(root_ / "secret", root_ / "project/data");
  EXPECT_FALSE(executor_->materialize(request({file}, std::nullopt)));
}

TEST_F(SwappedFile, Materialize_FileNameWithSpecialCharacters_IsRead) {
  for (const std::string name : {"a b", "a+b", "a%20b", "100%", "q?r#s", "ünïcode-日本", "back\\slash",
                                 "quote\"'", "star*[x]", "{a,b}", "semi;colon", "~tilde"}) {
    for (const std::string ending : {".csv", ".parquet"}) {
      // DuckDB's COPY would read some of these names as patterns, so rename the file afterwards.
      const auto plain = data("plain" + ending, 7);
      const auto odd = root_ / "project" / (name + ending);
      std::filesystem::rename(plain.location, odd);
      EXPECT_THAT(answer({file_of("project/" + name + ending, plain.declared.format)}), HasSubstr("7"))
          << name << ending;
    }
  }
}

}  // namespace
}  // namespace offloader::local_executor
