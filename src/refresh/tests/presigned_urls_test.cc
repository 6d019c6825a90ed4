// A presigned URL is a credential: what is stored and logged of a file names it without its query, and what
// is logged of findings quotes no value of the data.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offloader/refresh/cache_folder.h"
#include "run.h"

namespace offloader::refresh {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(PresignedUrls, TheRecordOnDiskHoldsNoSignature) {
  SnapshotRecord record;
  record.snapshot_id = "s1";
  record.build = "b1";
  record.files.emplace_back().path = "https://b.example/part-0.csv?X-Amz-Signature=5ec2e7&hmac=5ec2e7";
  record.files.emplace_back().path = "a name/with?a mark.csv";
  const std::string text = to_json(record);
  EXPECT_THAT(text, Not(HasSubstr("5ec2e7")));
  const auto read = parse_record(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->files[0].path, "https://b.example/part-0.csv");
  EXPECT_EQ(read->files[1].path, "a name/with?a mark.csv") << "is no URL";
}

TEST(PresignedUrls, TheLogNamesFindingsByCodeAndPlaceWithoutTheirMessages) {
  catalog::Findings findings;
  findings.push_back({.file = "https://b.example/part-0.csv?sig=5ec2e7",
                      .line = 3,
                      .path = "qty",
                      .code = "schema_data_mismatch",
                      .message = "\"Alice Archer\" is no integer",
                      .hint = "correct \"Alice Archer\""});
  EXPECT_EQ(codes_of(findings), "schema_data_mismatch in https://b.example/part-0.csv:3 at qty");
  for (int i = 0; i < 9; ++i) findings.push_back(findings[0]);
  EXPECT_THAT(codes_of(findings), ::testing::EndsWith("; 10 findings in all"));
  EXPECT_THAT(codes_of(findings), Not(HasSubstr("Alice")));
}

}  // namespace
}  // namespace offloader::refresh
