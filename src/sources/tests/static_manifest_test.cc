#include "scene.h"

namespace offloader::sources {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = Resolved::Kind;

class StaticManifestTest : public ::testing::Test {
 protected:
  StaticManifestTest() { scene_.dataset.origin = catalog::StaticManifest{"orders.json"}; }
  // Writes a manifest with one file of 5 bytes, both in the project folder.
  void offer() const {
    scene_.write("orders.csv", "id\n1\n");
    scene_.write("orders.json",
                 Scene::manifest(R"({"path":"orders.csv","format":"csv","size_bytes":5,"row_count":1})"));
  }

  Scene scene_;
};

TEST_F(StaticManifestTest, Properties_StaticManifest_AreKindOriginAndInterval) {
  EXPECT_EQ(scene_.source()->kind(), "static_manifest");
  EXPECT_EQ(scene_.source()->origin(), "") << "this machine's disk";
  EXPECT_EQ(scene_.source()->interval(), std::nullopt);
  scene_.remote_base = "s3://bucket/project/";
  EXPECT_EQ(scene_.source()->origin(), "s3://bucket");
  scene_.dataset.origin = catalog::StaticManifest{"https://Files.Example/a/orders.json?sig=1"};
  EXPECT_EQ(scene_.source()->origin(), "https://files.example");
}

TEST_F(StaticManifestTest, Resolve_ManifestInTheProject_FindsItsFiles) {
  offer();
  const Resolved found = scene_.source()->resolve(nullptr);
  ASSERT_EQ(found.kind, Kind::found) << found.error.message;
  EXPECT_EQ(found.candidate.snapshot_id, "s1");
  EXPECT_EQ(found.candidate.tag.size(), 64U);
  EXPECT_THAT(locations_of(found), ElementsAre((scene_.folder.path() / "orders.csv").string()));
  EXPECT_FALSE(found.files.at(0).remote);
}

TEST_F(StaticManifestTest, Resolve_MissingManifest_Fails) {
  const Resolved found = scene_.source()->resolve(nullptr);
  EXPECT_EQ(found.kind, Kind::failed);
  EXPECT_THAT(found.error.message,
              testing::Eq("the manifest orders.json cannot be read: no such file or folder"));
}

TEST_F(StaticManifestTest, Resolve_ManifestOfAnotherDataset_IsRejected) {
  scene_.write("orders.json", Scene::manifest(R"({"path":"orders.csv","format":"csv"})", "users"));
  const Resolved found = scene_.source()->resolve(nullptr);
  EXPECT_EQ(found.kind, Kind::rejected);
  EXPECT_EQ(found.candidate.snapshot_id, "s1");
}

TEST_F(StaticManifestTest, Resolve_InvalidJson_IsRejectedWithoutAnId) {
  scene_.write("orders.json", "{");
  const Resolved found = scene_.source()->resolve(nullptr);
  EXPECT_EQ(found.kind, Kind::rejected);
  EXPECT_EQ(found.candidate.snapshot_id, "");
  EXPECT_THAT(codes_of(found), Contains("invalid_json"));
  EXPECT_FALSE(found.candidate.tag.empty());
}

TEST_F(StaticManifestTest, Resolve_Cancelled_FailsWithCancelled) {
  offer();
  CancelFlag cancel;
  cancel.cancel();
  const Resolved found = scene_.source()->resolve(&cancel);
  EXPECT_EQ(found.kind, Kind::failed);
  EXPECT_EQ(found.error.code, ErrorCode::cancelled);
}

TEST_F(StaticManifestTest, Resolve_PresignedUrl_IsNamedWithoutItsQuery) {
  const std::string url = "https://files.example/orders.json?sig=secret";
  scene_.dataset.origin = catalog::StaticManifest{url};
  scene_.store.objects[url] = "{}";
  scene_.store.encoded = {url};
  const Resolved found = scene_.source()->resolve(nullptr);
  ASSERT_EQ(found.kind, Kind::rejected);
  EXPECT_THAT(codes_of(found), ElementsAre("unsupported_encoding"));
  EXPECT_EQ(found.findings.at(0).file, "https://files.example/orders.json");
}

TEST_F(StaticManifestTest, Resolve_ManifestInABucket_AllowsItsOriginAndTheListedOnes) {
  scene_.remote_base = "s3://bucket/project/";
  scene_.allowed_origins = {"https://cdn.example"};
  scene_.store.objects["s3://bucket/project/orders.json"] = Scene::manifest(
      R"({"path":"part.csv","format":"csv"},{"path":"https://cdn.example/part.csv","format":"csv"})");
  const Resolved found = scene_.source()->resolve(nullptr);
  ASSERT_EQ(found.kind, Kind::found) << ::testing::PrintToString(codes_of(found));
  EXPECT_THAT(locations_of(found),
              ElementsAre("s3://bucket/project/part.csv", "https://cdn.example/part.csv"));
  EXPECT_THAT(found.policy.origins, ElementsAre("https://cdn.example", "s3://bucket"));
}

TEST_F(StaticManifestTest, Recall_EmptyStore_ResolvesBelowTheCurrentBase) {
  scene_.remote_base = "s3://bucket/project/";
  const KeptSnapshot kept{
      .snapshot_id = "s7",
      .schema = {{.name = "id", .type = catalog::ColumnType::bigint}},
      .files = {{.path = "part.csv", .format = manifest::FileFormat::csv, .row_count = {}, .size_bytes = {}}},
      .declared_rows = 3};
  const Resolved found = scene_.source()->recall(kept);
  ASSERT_EQ(found.kind, Kind::found);
  EXPECT_EQ(found.candidate.snapshot_id, "s7");
  EXPECT_EQ(found.manifest.row_count, 3);
  EXPECT_THAT(locations_of(found), ElementsAre("s3://bucket/project/part.csv"));
}

TEST_F(StaticManifestTest, Recall_OriginNoLongerAllowed_IsRejected) {
  scene_.remote_base = "s3://bucket/project/";
  const KeptSnapshot kept{.snapshot_id = "s7",
                          .schema = {},
                          .files = {{.path = "https://elsewhere.example/part.csv",
                                     .format = manifest::FileFormat::csv,
                                     .row_count = {},
                                     .size_bytes = {}}}};
  const Resolved found = scene_.source()->recall(kept);
  EXPECT_EQ(found.kind, Kind::rejected);
  EXPECT_THAT(codes_of(found), ElementsAre("origin_not_allowed"));
}

TEST_F(StaticManifestTest, CheckFiles_MissingFileOrWrongSize_IsRejected) {
  offer();
  const auto source = scene_.source();
  Resolved sound = source->resolve(nullptr);
  source->check_files(sound);
  EXPECT_EQ(sound.kind, Kind::found);
  EXPECT_THAT(sound.findings, IsEmpty());

  scene_.write("orders.csv", "id\n");
  Resolved shorter = source->resolve(nullptr);
  source->check_files(shorter);
  EXPECT_EQ(shorter.kind, Kind::rejected);
  EXPECT_THAT(codes_of(shorter), ElementsAre("size_mismatch"));

  std::filesystem::remove(scene_.folder.path() / "orders.csv");
  Resolved gone = source->resolve(nullptr);
  source->check_files(gone);
  EXPECT_THAT(codes_of(gone), ElementsAre("missing_file"));
  EXPECT_EQ(gone.findings.at(0).path, "files[0].path");
}

TEST_F(StaticManifestTest, Changed_ManifestOrFileRewritten_ReturnsTrue) {
  offer();
  const auto source = scene_.source();
  Resolved found = source->resolve(nullptr);
  source->check_files(found);
  EXPECT_FALSE(source->changed(found, nullptr));
  scene_.write("orders.csv", "id\n22\n");
  EXPECT_TRUE(source->changed(found, nullptr));

  offer();
  found = source->resolve(nullptr);
  source->check_files(found);
  scene_.write("orders.json", Scene::manifest(R"({"path":"orders.csv","format":"csv"})"));
  EXPECT_TRUE(source->changed(found, nullptr));
}

TEST(RoomNeeded, RoomNeeded_SeveralFormats_IsAFractionOfTheirSizes) {
  Resolved resolved;
  const auto file = [](manifest::FileFormat format, std::optional<std::int64_t> bytes) {
    return manifest::ResolvedFile{
        .location = "s3://b/f",
        .remote = true,
        .declared = {.path = "f", .format = format, .row_count = {}, .size_bytes = bytes}};
  };
  EXPECT_EQ(room_needed(resolved), 1U << 20);
  resolved.files = {file(manifest::FileFormat::csv, 8 << 20), file(manifest::FileFormat::parquet, 8 << 20)};
  EXPECT_EQ(room_needed(resolved), 6U << 20);
  // Files without a declared size share what remains of the declared total.
  resolved.files.push_back(file(manifest::FileFormat::parquet, std::nullopt));
  resolved.manifest.size_bytes = 20 << 20;
  EXPECT_EQ(room_needed(resolved), 8U << 20);
}

}  // namespace
}  // namespace offloader::sources
