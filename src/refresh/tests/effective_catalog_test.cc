#include "effective_catalog.h"

#include <gtest/gtest.h>

#include "large_project.h"

namespace offloader::refresh {
namespace {

TEST(EffectiveCatalog, WhereEveryDatasetIsReady_IsTheDesiredOneItself) {
  const auto desired = LargeProject::load();
  ASSERT_TRUE(desired);
  EXPECT_EQ(effective_catalog(desired, nullptr, [](const std::string&) { return Fit::ready; }), desired);
}

TEST(EffectiveCatalog, WhereADatasetIsUnknown_IsACopyWithoutItsEndpoints) {
  const auto desired = LargeProject::load();
  ASSERT_TRUE(desired);
  const auto fit = [](const std::string& id) { return id == "facts" ? Fit::unknown : Fit::ready; };
  const auto made = effective_catalog(desired, nullptr, fit);
  EXPECT_TRUE(made->endpoints.empty());
  EXPECT_FALSE(made->datasets.contains("facts"));
  EXPECT_TRUE(made->datasets.at("other").schema.shares_with(desired->datasets.at("other").schema));
  EXPECT_EQ(desired->endpoints.size(), 200U);
}

// Each answer is a look at all endpoints: asked for each of them, a swap would take quadratic time.
TEST(EffectiveCatalog, AsksOnceForEachDataset) {
  const auto desired = LargeProject::load();
  ASSERT_TRUE(desired);
  int asked = 0;
  (void)effective_catalog(desired, desired.get(), [&](const std::string&) {
    ++asked;
    return Fit::behind;
  });
  EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace offloader::refresh
