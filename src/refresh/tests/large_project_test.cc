#include "large_project.h"

#include <gtest/gtest.h>

#include "offloader/serving/generation.h"

namespace offloader::refresh {
namespace {

// Under a sanitizer, its own memory would dominate the measurement. Values are in MiB.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kMostMemory = 4096;
#else
constexpr double kMostMemory = 120;
#endif

TEST(LargeProject, Compile_EveryPlanShape_StaysWithinItsMemory) {
  const auto catalog = LargeProject::load();
  ASSERT_TRUE(catalog);
  const double before = LargeProject::rss_anon();
  const auto generation = serving::make_generation(catalog, {}, nullptr);
  const double made = LargeProject::rss_anon() - before;
  const serving::ServedEndpoint& first = generation->endpoints.begin()->second;
  const std::uint64_t id = first.compiler->compile({}, std::nullopt)->shape->id;
  std::uint64_t last = id;
  for (const auto& [name, endpoint] : generation->endpoints) {
    for (unsigned mask = 0; mask < 1U << LargeProject::kFilters; ++mask) {
      query::Params params;
      for (int f = 0; f < LargeProject::kFilters; ++f) {
        if ((mask >> f & 1U) != 0) params.push_back({LargeProject::name("filter_", f), "1"});
      }
      const auto plan = endpoint.compiler->compile(params, std::nullopt);
      ASSERT_TRUE(plan) << plan.error().message;
      last = std::max(last, plan->shape->id);
    }
  }
  const double full = LargeProject::rss_anon() - before;
  std::printf("[ figures  ] generation: %.1f MiB; with all shapes: %.1f MiB\n", made, full);
  EXPECT_EQ(last - id + 1, std::uint64_t{LargeProject::kEndpoints} << LargeProject::kFilters)
      << "a shape was made that nobody asked for, or made twice";
  EXPECT_LT(made, kMostMemory / 4);
  EXPECT_LT(full, kMostMemory);
}

}  // namespace
}  // namespace offloader::refresh
