#include <gmock/gmock.h>

#include "duckdb_handle.h"
#include "remote_scene.h"

namespace offloader::engine {
namespace {

using catalog::ColumnType;
using testing::HasSubstr;

Error error(duckdb_error_type type, const char* text, int os_error = 0) {
  return to_error({type, text, os_error});
}

TEST(DuckdbErrors, sayWhatTheReceiverCanDo) {
  EXPECT_EQ(error(DUCKDB_ERROR_IO, "IO Error: Could not write: No space left on device").code,
            ErrorCode::no_space);
  EXPECT_EQ(error(DUCKDB_ERROR_IO, "IO Error: Disk quota exceeded").code, ErrorCode::no_space);
  EXPECT_EQ(error(DUCKDB_ERROR_IO, "IO Error: Could not write file \"x\": in any language", ENOSPC).code,
            ErrorCode::no_space);
  EXPECT_EQ(error(DUCKDB_ERROR_IO, "IO Error: Cannot open file \"x\": in any language", ENOENT).code,
            ErrorCode::unavailable);
  EXPECT_EQ(error(DUCKDB_ERROR_OUT_OF_MEMORY, "… the 'max_temp_directory_size' setting").code,
            ErrorCode::no_space);
  EXPECT_EQ(error(DUCKDB_ERROR_INTERRUPT, "INTERRUPT Error: Interrupted!").code, ErrorCode::cancelled);
  EXPECT_EQ(
      error(DUCKDB_ERROR_IO, "IO Error: Corrupt database file: computed checksum 1 does not match").code,
      ErrorCode::corrupt);
  EXPECT_EQ(error(DUCKDB_ERROR_BINDER, "Binder Error: Catalog \"s7\" does not exist!").code,
            ErrorCode::corrupt);
  EXPECT_EQ(error(DUCKDB_ERROR_INVALID, "no text").code, ErrorCode::internal);
  // What is the machine's fault is not the data's, whatever the data quotes.
  EXPECT_TRUE(is_machinery(error(DUCKDB_ERROR_OUT_OF_MEMORY, "Out of Memory Error: failed to allocate")));
  EXPECT_TRUE(is_machinery(error(DUCKDB_ERROR_IO, "IO Error: Could not write all bytes to file")));
  EXPECT_TRUE(is_machinery(
      error(DUCKDB_ERROR_IO, "IO Error: Cannot open file \"/c/x.duckdb\": Read-only file system")));
  EXPECT_TRUE(is_refused_by_disk(error(DUCKDB_ERROR_IO, "IO Error: Cannot open file \"x\"", EACCES)));
  EXPECT_TRUE(is_fatal({ErrorCode::internal, "", "FATAL Error: x"}));
  EXPECT_FALSE(is_fatal({ErrorCode::internal, "", "IO Error: x"}));
  const auto full = error(DUCKDB_ERROR_FATAL, "FATAL Error: Failed to checkpoint: No space left on device");
  EXPECT_EQ(full.code, ErrorCode::no_space);
  EXPECT_TRUE(is_fatal(full));
  const auto broken = error(DUCKDB_ERROR_FATAL, "FATAL Error: Failed to checkpoint: Input/output error");
  EXPECT_TRUE(is_refused_by_disk(broken));
  EXPECT_TRUE(is_fatal(broken));
}

// Words by which an error of the machinery was once told.
constexpr const char* kHostile[] = {"No such file or directory",
                                    "No space left on device",
                                    "Permission denied",
                                    "checksum",
                                    "database has been invalidated",
                                    "FATAL Error",
                                    "Out of Memory Error: max_temp_directory_size",
                                    "<store unavailable: the store | x>",
                                    "Catalog \"s7\" does not exist"};

TEST(DuckdbErrors, ofDataAreTheDatasFaultWhateverTheDataSays) {
  for (const std::string text : kHostile) {
    for (const auto& [type, name] : {std::pair{DUCKDB_ERROR_CONVERSION, "Conversion Error"},
                                     std::pair{DUCKDB_ERROR_INVALID_INPUT, "Invalid Input Error"},
                                     std::pair{DUCKDB_ERROR_INVALID, "Invalid Error"}}) {
      const auto quoted = std::string(name) + ": Could not convert string '" + text + "' to INT32: " + text;
      const auto found = error(type, quoted.c_str());
      EXPECT_EQ(found.code, ErrorCode::internal) << quoted;
      EXPECT_FALSE(is_machinery(found)) << quoted;
      EXPECT_FALSE(is_fatal(found)) << quoted;
    }
    // A file's name is the user's, too.
    const auto named = "IO Error: The width of \"" + text + ".parquet\" is too large";
    EXPECT_FALSE(is_machinery(error(DUCKDB_ERROR_IO, named.c_str()))) << named;
  }
}

class HostileTextTest : public RemoteScene {};

TEST_F(HostileTextTest, inDataIsARefusalAndNeverAFailureThatIsRetried) {
  dataset_.schema = {{"n", ColumnType::bigint}, {"doc", ColumnType::json}};
  for (const std::string text : kHostile) {
    std::string quoted = text;
    for (auto at = quoted.find('"'); at != std::string::npos; at = quoted.find('"', at + 2))
      quoted.insert(at, 1, '"');
    const std::vector<manifest::ResolvedFile> files{
        write("number.csv", "n,doc\n1,{}\n\"" + quoted + "\",{}\n"),
        write("document.csv", "n,doc\n1,{}\n2,\"" + quoted + "\"\n"),
        write("ragged.csv", "n,doc\n1,{}\n2,{},\"" + quoted + "\"\n"),
        parquet("t.parquet", "SELECT 1 AS n, " + quote_literal(text) + " AS doc")};
    for (const auto& file : files) {
      EXPECT_THAT(refusal({file}), HasSubstr(file.declared.path)) << text;
      // The same bytes in a store.
      auto request = remote_request({upload(file)});
      const auto built = executor_->materialize(request);
      ASSERT_FALSE(built);
      EXPECT_EQ(built.error().error.code, ErrorCode::rejected) << built.error().error.detail;
      EXPECT_THAT(to_text(built.error().findings), HasSubstr(file.declared.path)) << text;
      // A remote scan may see it when it is opened, or when it is asked.
      const auto opened = open({upload(file)});
      if (!opened) {
        EXPECT_FALSE(is_machinery(opened.error().error)) << opened.error().error.detail;
        continue;
      }
      const auto rows = run(everything(), *opened);
      ASSERT_FALSE(rows) << file.declared.path;
      EXPECT_FALSE(is_machinery(rows.error())) << rows.error().detail;
      EXPECT_FALSE(is_fatal(rows.error())) << rows.error().detail;
    }
  }
}

TEST_F(HostileTextTest, inTextColumnsIsServed) {
  dataset_.schema = {{"v", ColumnType::varchar}};
  for (const std::string text : kHostile) {
    const auto file = parquet("t.parquet", "SELECT " + quote_literal(text) + " AS v");
    EXPECT_THAT(answer({file}), testing::StartsWith("[{\"v\":")) << text;
  }
}

TEST_F(HostileTextTest, inTheNameOfADamagedFileIsARefusal) {
  dataset_.schema = {{"n", ColumnType::bigint}};
  for (const char* name : {"No space left on device.parquet", "No such file or directory.parquet",
                           "Could not write checksum.parquet"}) {
    auto file = parquet(name, "SELECT range AS n FROM range(10)");
    std::filesystem::resize_file(file.location, 50);
    EXPECT_THAT(refusal({file}), HasSubstr(name));
  }
}

}  // namespace
}  // namespace offloader::engine
