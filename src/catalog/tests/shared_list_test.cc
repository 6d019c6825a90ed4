#include "offloader/catalog/shared_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace offloader::catalog {
namespace {

using testing::ElementsAre;

TEST(SharedList, Copy_OfAList_SharesItsItems) {
  const SharedList<std::string> list = {"a", "b"};
  const SharedList<std::string> copy = list;  // NOLINT(performance-unnecessary-copy-initialization)
  EXPECT_TRUE(copy.shares_with(list));
  EXPECT_EQ(copy.data(), list.data());
  EXPECT_EQ(copy, list);
}

TEST(SharedList, PushBack_AfterACopy_LeavesTheCopyUnchanged) {
  SharedList<std::string> list = {"a"};
  const SharedList<std::string> copy = list;
  list.push_back("b");
  EXPECT_THAT(copy, ElementsAre("a"));
  EXPECT_THAT(list, ElementsAre("a", "b"));
  EXPECT_NE(copy, list);
}

TEST(SharedList, Equality_SameItems_ReturnsTrue) {
  EXPECT_EQ((SharedList<int>{1, 2}), SharedList<int>(std::vector{1, 2}));
  EXPECT_NE((SharedList<int>{1, 2}), (SharedList<int>{2, 1}));
  EXPECT_FALSE((SharedList<int>{1}).shares_with(SharedList<int>{1}));
}

TEST(SharedList, DefaultConstructed_NoItems_IsEmpty) {
  SharedList<int> list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.size(), 0U);
  EXPECT_EQ(list.begin(), list.end());
  EXPECT_EQ(list, SharedList<int>(std::vector<int>()));
  list.push_back(1);
  EXPECT_THAT(list, ElementsAre(1));
}

}  // namespace
}  // namespace offloader::catalog
