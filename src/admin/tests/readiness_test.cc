#include "readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offloader/catalog/catalog.h"

namespace offloader::admin {
namespace {

// Returns a generation with two datasets without endpoints; those in `serving` have a snapshot.
std::shared_ptr<const serving::Generation> generation(const std::vector<std::string>& serving) {
  auto catalog = std::make_shared<catalog::Catalog>();
  catalog->auth = catalog::AuthMode::none;
  for (const char* id : {"a", "b"}) catalog->datasets[id].id = id;
  std::map<std::string, serving::DatasetSnapshots, std::less<>> snapshots;
  for (const std::string& id : serving) snapshots[id].local = std::make_shared<serving::ServedSnapshot>();
  return serving::make_generation(std::move(catalog), std::move(snapshots), nullptr);
}

std::string answer(const std::vector<std::string>& serving, bool any_is_enough = false,
                   bool draining = false) {
  return to_json(readiness_of(*generation(serving), any_is_enough, draining));
}

TEST(Readiness, All_EveryDatasetHasASnapshot_IsReady) {
  EXPECT_EQ(answer({}), R"({"status":"ok","ready":false,"waiting":["a","b"]})");
  EXPECT_EQ(answer({"a"}), R"({"status":"ok","ready":false,"waiting":["b"]})");
  EXPECT_EQ(answer({"a", "b"}), R"({"status":"ok","ready":true})");
}

TEST(Readiness, Any_OneDatasetHasASnapshot_IsReady) {
  EXPECT_EQ(answer({}, true), R"({"status":"ok","ready":false,"waiting":["a","b"]})");
  EXPECT_EQ(answer({"a"}, true), R"({"status":"ok","ready":true})");
}

TEST(Readiness, Draining_IsNotReady) {
  EXPECT_EQ(answer({"a", "b"}, false, true), R"({"status":"ok","ready":false,"waiting":[],"draining":true})");
}

TEST(Readiness, Starting_WithoutAProject_IsNotReady) {
  EXPECT_FALSE(readiness_of(*serving::starting_generation(), true, false).ready);
}

}  // namespace
}  // namespace offloader::admin
