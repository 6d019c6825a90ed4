// A presigned URL is a credential: logs must name its file without the query, and quote no values of the
// data.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ending.h"

namespace offloader::refresh {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(PresignedUrls, CodesOf_FindingsInData_OmitMessagesAndQueries) {
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
