#include "build_plan.h"

#include <gtest/gtest.h>

namespace offloader::app {
namespace {

constexpr std::uint64_t kMiB = 1ULL << 20;

TEST(BuildPlan, PlanBuilds_EnoughMemory_ReturnsTheConfiguredNumber) {
  const BuildPlan plan = plan_builds(64 * 1024 * kMiB, 64);
  EXPECT_EQ(plan.at_once, 64U);
  EXPECT_EQ(plan.suspended, 4U);
}

TEST(BuildPlan, PlanBuilds_LittleMemory_LeavesEachBuildWhatItNeeds) {
  for (const std::uint64_t limit : {64 * kMiB, 400 * kMiB, 1024 * kMiB, 4096 * kMiB}) {
    for (const std::size_t concurrency : {1, 2, 8, 64}) {
      const BuildPlan plan = plan_builds(limit, concurrency);
      EXPECT_GE(plan.at_once, 1U);
      EXPECT_LE(plan.at_once, concurrency);
      const std::size_t all = plan.at_once + plan.suspended;
      if (all > 1) {
        EXPECT_GE(limit / 3 / all, 64 * kMiB) << limit << " bytes, " << concurrency << " builds";
      }
    }
  }
}

TEST(BuildPlan, PlanBuilds_MemoryForOneBuild_SuspendsNone) {
  EXPECT_EQ(plan_builds(64 * kMiB, 64).at_once, 1U);
  EXPECT_EQ(plan_builds(64 * kMiB, 64).suspended, 0U);
}

}  // namespace
}  // namespace offloader::app
