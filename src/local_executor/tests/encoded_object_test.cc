#include <gmock/gmock.h>
#include <zlib.h>

#include "remote_scene.h"

// Objects with a Content-Encoding, whose bytes are not those of the file itself.
namespace offloader::local_executor {
namespace {

using catalog::ColumnType;

class EncodedObjects : public RemoteScene {
 protected:
  EncodedObjects() {
    dataset_.schema = {{"id", ColumnType::integer}};
    store_->encode("gzip");
  }
  static void expect_refusal(const executor::Refused& failure, const std::string& file) {
    EXPECT_EQ(failure.error.code, ErrorCode::rejected) << failure.error.detail;
    ASSERT_EQ(failure.findings.size(), 1U) << to_text(failure.findings);
    EXPECT_EQ(failure.findings[0].file, file);
    EXPECT_EQ(failure.findings[0].code, "unsupported_encoding");
    EXPECT_THAT(failure.findings[0].message, ::testing::HasSubstr("the Content-Encoding gzip"));
  }
};

TEST_F(EncodedObjects, Materialize_UnexpectedEncoding_FailsBeforeReading) {
  for (const auto& file :
       {upload(write("a.csv", "id\n1\n")), upload(parquet("a.parquet", "SELECT 1::INTEGER AS id"))}) {
    store_->forget();
    const auto built = executor_->materialize(remote_request({file}));
    ASSERT_FALSE(built);
    expect_refusal(built.error(), file.declared.path);
    const auto opened = open({file});
    ASSERT_FALSE(opened);
    expect_refusal(opened.error(), file.declared.path);
    EXPECT_EQ(store_->count("read"), 0U);
  }
}

TEST_F(EncodedObjects, Materialize_EncodingMatchesTheFileName_Succeeds) {
  const auto file = write("a.csv.gz", "");
  gzFile out = gzopen((root_ / "a.csv.gz").c_str(), "wb");
  gzputs(out, "id\n1\n2\n");
  gzclose(out);
  const auto built = executor_->materialize(remote_request({upload(file)}));
  ASSERT_TRUE(built) << built.error().error.detail << to_text(built.error().findings);
  EXPECT_EQ(built->rows, 2);
}

}  // namespace
}  // namespace offloader::local_executor
