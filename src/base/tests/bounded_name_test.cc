#include "offloader/base/bounded_name.h"

#include <gtest/gtest.h>

#include "offloader/base/utf8.h"

namespace offloader {
namespace {

TEST(BoundedName, LongNames_AreTheirBeginningAndAHash) {
  std::string buffer;
  EXPECT_EQ(bounded_name("app", buffer), "app");
  const std::string most(kMostName, 'a');
  EXPECT_EQ(bounded_name(most, buffer), most);
  const std::string bounded(bounded_name(most + "a", buffer));
  EXPECT_TRUE(bounded.starts_with("aaaa"));
  EXPECT_LT(bounded.size(), kMostName);
  EXPECT_NE(bounded, bounded_name(most + "b", buffer));
  EXPECT_EQ(bounded_name(bounded, buffer), bounded) << "bounded once";
}

TEST(BoundedName, LongNames_EndWithAWholeCharacter) {
  std::string buffer;
  for (std::size_t i = 0; i < 4; ++i) {
    std::string name(i, 'a');
    while (name.size() <= kMostName) name += "€";
    EXPECT_TRUE(is_utf8(bounded_name(name, buffer)));
  }
}

}  // namespace
}  // namespace offloader
