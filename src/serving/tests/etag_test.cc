// ETags change whenever `meta` says something else about the snapshot, even if the rows are the same.

#include "offloader/serving/etag.h"

#include <gtest/gtest.h>

#include <set>

#include "offloader/catalog/load.h"
#include "offloader/serving/generation.h"

namespace offloader::serving {
namespace {

const Sha256 kKey = sha256("key");

ServedSnapshot snapshot(const std::string& id, const std::string& watermark) {
  ServedSnapshot out;
  out.snapshot_id = id;
  out.watermark = watermark;
  out.fingerprint = "the rows";
  return out;
}

std::string etag(const Editions& editions, bool stale, std::string_view tag = "tag") {
  std::string out;
  append_etag(out, tag, editions, stale);
  return out;
}

TEST(Etag, Editions_DependOnSnapshotWatermarkStalenessAndKey) {
  const auto first = snapshot("s1", "2026-01-01T00:00:00Z");
  const std::set<std::string> distinct = {
      etag(editions_of(kKey, first), false),
      etag(editions_of(kKey, first), true),
      etag(editions_of(kKey, snapshot("s2", "2026-01-01T00:00:00Z")), false),
      etag(editions_of(kKey, snapshot("s1", "2026-01-02T00:00:00Z")), false),
      etag(editions_of(kKey, snapshot("s12", "026-01-01T00:00:00Z")), false),
      etag(editions_of(sha256("another key"), first), false),
      etag(editions_of(kKey, first), false, "other"),
  };
  EXPECT_EQ(distinct.size(), 7U);
  for (const std::string& one : distinct) {
    EXPECT_TRUE(one.starts_with("W/\"")) << one;
    EXPECT_TRUE(one.ends_with("\"")) << one;
  }
}

// Each replica builds its own generations, so their ETags must not depend on anything local.
TEST(Etag, Editions_SameSnapshot_AreEqualOnReplicasAndAcrossGenerations) {
  const auto project = catalog::load_project_files({
      {"offloader.yml", "version: 1\nauth: none\n"},
      {"datasets/usage.yml", "id: usage\nmanifest: m.json\nschema:\n  - {name: calls, type: BIGINT}\n"},
      {"endpoints/usage.yml",
       "name: usage\nversion: 3\ndataset: usage\n"
       "query: {select: [{as: calls, column: calls}]}\ncolumns: [calls]\n"},
  });
  ASSERT_TRUE(project.catalog);
  const auto published = [&](const Generation& before, const std::string& id) {
    std::map<std::string, DatasetSnapshots, std::less<>> snapshots;
    snapshots["usage"].local = std::make_shared<ServedSnapshot>(snapshot(id, "2026-01-01T00:00:00Z"));
    return make_generation(project.catalog, std::move(snapshots), &before);
  };
  const auto of = [](const Generation& generation) {
    return etag(generation.endpoints.at("usage").editions, false);
  };
  const auto one = published(*starting_generation(kKey), "s1");
  const auto other = published(*starting_generation(kKey), "s1");
  const auto next = published(*one, "s2");
  EXPECT_EQ(of(*one), of(*other));
  EXPECT_NE(of(*one), of(*next));
  EXPECT_EQ(of(*published(*next, "s1")), of(*one));
  EXPECT_NE(of(*published(*starting_generation(sha256("x")), "s1")), of(*one));
}

}  // namespace
}  // namespace offloader::serving
