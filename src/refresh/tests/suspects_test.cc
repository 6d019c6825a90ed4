#include "suspects.h"

#include <gtest/gtest.h>

namespace offloader::refresh {
namespace {

TEST(SuspectTurn, Take_OtherDatasetHasTheTurn_ReturnsFalseUntilItLeaves) {
  SuspectTurn turn;
  EXPECT_TRUE(turn.take("orders", false));
  EXPECT_FALSE(turn.take("users", false));
  turn.leave("users");
  EXPECT_FALSE(turn.take("users", false)) << "it did not have the turn";
  turn.leave("orders");
  EXPECT_TRUE(turn.take("users", false));
}

TEST(SuspectTurn, Take_Forced_SucceedsBesideTheHolder) {
  SuspectTurn turn;
  EXPECT_TRUE(turn.take("orders", false));
  EXPECT_TRUE(turn.take("users", true));
  EXPECT_FALSE(turn.take("sales", false));
  turn.leave("users");
  EXPECT_FALSE(turn.take("sales", false)) << "orders still builds";
  turn.leave("orders");
  EXPECT_TRUE(turn.take("sales", false));
}

}  // namespace
}  // namespace offloader::refresh
