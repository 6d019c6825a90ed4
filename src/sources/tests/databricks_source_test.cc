#include "offloader/base/testing/growth.h"
#include "scene.h"

namespace offloader::sources {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = Resolved::Kind;

class DatabricksSourceTest : public ::testing::Test {
 protected:
  DatabricksSourceTest() {
    scene_.dataset.origin =
        catalog::DatabricksSource{.bucket = "exports", .prefix = "orders/", .interval_seconds = {}};
  }
  // Puts a commit into the export, last modified at this second.
  void commit(const std::string& tid, int second, const std::string& text) {
    const std::string url = kPrefix + "_committed_" + tid;
    scene_.store.objects[url] = text;
    scene_.store.modified[url] = SystemTime{seconds(second)};
  }

  static inline const std::string kPrefix = "gs://exports/orders/";
  Scene scene_;
};

TEST_F(DatabricksSourceTest, Properties_DatabricksSource_AreKindOriginAndInterval) {
  EXPECT_EQ(scene_.source()->kind(), "databricks");
  EXPECT_EQ(scene_.source()->origin(), "gs://exports");
  EXPECT_EQ(scene_.source()->interval(), seconds(300));
  scene_.dataset.origin =
      catalog::DatabricksSource{.bucket = "s3://exports", .prefix = "orders/", .interval_seconds = 60};
  EXPECT_EQ(scene_.source()->origin(), "s3://exports");
  EXPECT_EQ(scene_.source()->interval(), seconds(60));
}

TEST_F(DatabricksSourceTest, Resolve_SeveralCommits_FindsTheNewestWithListedSizes) {
  commit("1", 5, R"({"added":["old.parquet"]})");
  commit("2", 9, R"({"added":["a.parquet","b.parquet"]})");
  scene_.store.objects[kPrefix + "a.parquet"] = "1234";
  const Resolved found = scene_.source()->resolve(nullptr);
  ASSERT_EQ(found.kind, Kind::found) << found.error.message;
  EXPECT_EQ(found.candidate.snapshot_id, "tid_2");
  EXPECT_EQ(found.manifest.watermark, "1970-01-01T00:00:09Z");
  EXPECT_THAT(locations_of(found), ElementsAre(kPrefix + "a.parquet", kPrefix + "b.parquet"));
  EXPECT_EQ(found.files.at(0).declared.size_bytes, 4);
  EXPECT_EQ(found.files.at(1).declared.size_bytes, std::nullopt) << "is not in the listing";
  EXPECT_EQ(found.manifest.size_bytes, 4);
  EXPECT_THAT(found.policy.origins, ElementsAre("gs://exports"));
}

TEST_F(DatabricksSourceTest, Resolve_CommitWithoutFiles_IsSkipped) {
  commit("1", 5, R"({"added":["a.parquet"]})");
  commit("2", 9, R"({"added":[]})");
  EXPECT_EQ(scene_.source()->resolve(nullptr).candidate.snapshot_id, "tid_1");
  scene_.store.objects.erase(kPrefix + "_committed_1");
  const Resolved none = scene_.source()->resolve(nullptr);
  EXPECT_EQ(none.kind, Kind::nothing);
  EXPECT_EQ(none.reason, "no commit of the export adds any files");
}

TEST_F(DatabricksSourceTest, Resolve_SkippedAndPinnedSnapshots_AreHonored) {
  commit("1", 5, R"({"added":["a.parquet"]})");
  commit("2", 9, R"({"added":["b.parquet"]})");
  scene_.dataset.skip_snapshots = {"tid_2"};
  EXPECT_EQ(scene_.source()->resolve(nullptr).candidate.snapshot_id, "tid_1");
  scene_.dataset.skip_snapshots = {"tid_1", "tid_2"};
  EXPECT_EQ(scene_.source()->resolve(nullptr).reason,
            "every snapshot of the export is listed in skip_snapshots");
  scene_.dataset.skip_snapshots = {};
  scene_.dataset.pin_snapshot = "tid_1";
  EXPECT_EQ(scene_.source()->resolve(nullptr).candidate.snapshot_id, "tid_1");
  scene_.dataset.pin_snapshot = "tid_7";
  EXPECT_THAT(scene_.source()->resolve(nullptr).reason, HasSubstr("tid_7 is not in the export"));
}

TEST_F(DatabricksSourceTest, Resolve_EmptyExport_FindsNothing) {
  const Resolved none = scene_.source()->resolve(nullptr);
  EXPECT_EQ(none.kind, Kind::nothing);
  EXPECT_EQ(none.reason, "the source has no snapshot yet");
}

TEST_F(DatabricksSourceTest, Resolve_InvalidCommit_IsRejected) {
  commit("1", 5, R"({"added":["../escaped.parquet"]})");
  const Resolved found = scene_.source()->resolve(nullptr);
  EXPECT_EQ(found.kind, Kind::rejected);
  EXPECT_EQ(found.findings.at(0).file, "_committed_1");
}

TEST_F(DatabricksSourceTest, Resolve_UnreadableCommit_FailsAndNamesIt) {
  commit("1", 5, "");
  scene_.store.unreadable = {kPrefix + "_committed_1"};
  const Resolved found = scene_.source()->resolve(nullptr);
  EXPECT_EQ(found.kind, Kind::failed);
  EXPECT_THAT(found.error.message, HasSubstr("_committed_1 of the export cannot be read"));
}

TEST_F(DatabricksSourceTest, Recall_KeptFiles_ResolveBelowTheExportPrefix) {
  const Resolved found = scene_.source()->recall({.snapshot_id = "tid_1",
                                                  .schema = {},
                                                  .files = {{.path = "a.parquet",
                                                             .format = manifest::FileFormat::parquet,
                                                             .row_count = {},
                                                             .size_bytes = {}}}});
  EXPECT_EQ(found.kind, Kind::found);
  EXPECT_THAT(locations_of(found), ElementsAre(kPrefix + "a.parquet"));
}

// A commit of this many files, and the least processor time that resolving it has taken, in seconds.
class TimedCommit {
 public:
  explicit TimedCommit(std::size_t files) : files_(files) {
    scene_.dataset.origin =
        catalog::DatabricksSource{.bucket = "exports", .prefix = "orders/", .interval_seconds = {}};
    std::string added;
    for (std::size_t i = 0; i < files; ++i) {
      const std::string name = "part-" + std::to_string(100'000 + i) + ".parquet";
      added += (i > 0 ? ",\"" : "\"") + name + "\"";
      scene_.store.objects["gs://exports/orders/" + name] = "1";
    }
    scene_.store.objects["gs://exports/orders/_committed_1"] = "{\"added\":[" + added + "]}";
    source_ = scene_.source();
  }
  double resolve() {
    return cpu_seconds([&] { EXPECT_EQ(source_->resolve(nullptr).files.size(), files_); });
  }

 private:
  const std::size_t files_;
  Scene scene_;
  std::unique_ptr<SnapshotSource> source_;
};

// Each file of a commit is looked up in the listing, which contains them all.
TEST_F(DatabricksSourceTest, Resolve_FourTimesTheFiles_TakesLinearTime) {
  constexpr std::size_t kFiles = 1'500;
  TimedCommit small(kFiles);
  TimedCommit large(4 * kFiles);
  const auto seconds_of = [&](std::size_t files) { return (files == kFiles ? small : large).resolve(); };
  EXPECT_EQ(growth_beyond_linear(kFiles, seconds_of), "");
}

}  // namespace
}  // namespace offloader::sources
