#include "access_log.h"

#include <gtest/gtest.h>

namespace offloader::api {
namespace {

TEST(AccessLog, WithoutValues_DatabaseMessage_MasksQuotedTextAndNumbers) {
  EXPECT_EQ(without_values("Conversion Error: Could not convert string 'Alice' to \"INTEGER\""),
            "Conversion Error: Could not convert string '…' to \"…\"");
  EXPECT_EQ(without_values("Out of Range Error: Overflow in addition of (9.5 + 12)!"),
            "Out of Range Error: Overflow in addition of (… + …)!");
  EXPECT_EQ(without_values("a value 'that is cut off"), "a value '…");
  EXPECT_EQ(without_values("Interrupted"), "Interrupted");
}

}  // namespace
}  // namespace offloader::api
