#include "offloader/base/rate.h"

#include <gtest/gtest.h>

namespace offloader {
namespace {

TEST(ParseRate, CountAndUnit_GiveTheRate) {
  EXPECT_EQ(parse_rate("100/s"), (Rate{100, 1}));
  EXPECT_EQ(parse_rate("1/m"), (Rate{1, 60}));
  EXPECT_EQ(parse_rate("1000000/h"), (Rate{1'000'000, 3600}));
}

TEST(ParseRate, AnythingElse_IsRefused) {
  for (const char* const text : {"",        "/s",     "s",      "100",       "100/",
                                 "100/d",   "100/S",  "100/ s", "100 /s",    " 100/s",
                                 "100/s ",  "0/s",    "00/s",   "01/s",      "-1/s",
                                 "+1/s",    "1.5/s",  "1e3/s",  "1000001/s", "99999999999999999999/s",
                                 "100/s/s", "100/sec"})
    EXPECT_EQ(parse_rate(text), std::nullopt) << text;
}

}  // namespace
}  // namespace offloader
