#include "offloader/serving/moment.h"

#include <gtest/gtest.h>

namespace offloader::serving {
namespace {

TEST(Moment, OfEndpoint_TimesOfTheDay_AreTheirDayInUtc) {
  using std::chrono::days;
  using std::chrono::microseconds;
  ServedEndpoint endpoint;
  const SystemTime late{days{20'000} + days{1} - microseconds{1}};
  EXPECT_EQ(moment_of(endpoint, late).today, 20'000);
  EXPECT_EQ(moment_of(endpoint, late).watermark, 20'000);
  auto snapshot = std::make_shared<ServedSnapshot>();
  snapshot->watermark_time = SystemTime{days{-1} + microseconds{1}};
  endpoint.snapshot = snapshot;
  EXPECT_EQ(moment_of(endpoint, SystemTime{days{20'001}}).today, 20'001);
  EXPECT_EQ(moment_of(endpoint, late).watermark, -1);
}

}  // namespace
}  // namespace offloader::serving
