#include "world.h"

// A manifest that exists but cannot be parsed is rejected, whatever started the attempt (snapshots.md,
// "Resolve").
namespace offloader::refresh {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

struct Breakage {
  const char* name;
  const char* what;  // part of a valid manifest; empty: all of it
  const char* by;
  const char* code;
};

constexpr Breakage kBreakages[] = {
    {"TruncatedJson", R"("producer":"test")", R"("producer":"te)", "invalid_json"},
    {"Empty", "", "", "invalid_json"},
    {"Array", "", "[1, 2]", "invalid_type"},
    {"FieldMissing", R"("producer":"test",)", "", "missing"},
    {"FractionalRowCount", R"("row_count":1)", R"("row_count":1.0)", "invalid_type"},
    {"BadTimestamp", R"("watermark":"2019-12-01T00:00:00Z")", R"("watermark":"yesterday")",
     "invalid_timestamp"},
    {"BadSnapshotId", R"("snapshot_id":"s1")", R"("snapshot_id":"s 1")", "invalid_snapshot_id"},
    {"UnknownColumnType", R"("type":"BIGINT")", R"("type":"MONEY")", "unsupported_type"},
};

std::string broken(const std::string& good, const Breakage& breakage) {
  const std::string what = breakage.what;
  if (what.empty()) return breakage.by;
  std::string text = good;
  text.replace(text.find(what), what.size(), breakage.by);
  // Cut the text off inside the string.
  if (std::string(breakage.name) == "TruncatedJson") text.resize(text.find("te") + 2);
  return text;
}

class InvalidManifest : public testing::TestWithParam<Breakage> {
 protected:
  InvalidManifest() {
    world_.offer("orders", "s1");
    good_ = read_file(world_.project_folder() / "orders.json", 1 << 20).value();
  }
  void break_manifest() { world_.write("orders.json", broken(good_, GetParam())); }
  void pass_an_interval() {
    world_.clock.advance(seconds(61));
    world_.refresher->wake();
  }
  void expect_refused(std::size_t refusals) {
    const auto status = world_.status("orders");
    ASSERT_TRUE(status.last_attempted);
    EXPECT_EQ(name_of(status.last_attempted->status), std::string("rejected")) << status.refresh_error;
    EXPECT_THAT(status.findings, testing::Contains(testing::Field(&catalog::Finding::code, GetParam().code)));
    EXPECT_THAT(status.refresh_error, HasSubstr(status.findings.at(0).code));
    EXPECT_FALSE(status.manifest_valid);
    const auto warnings = world_.log.lines_with("outcome=rejected");
    ASSERT_EQ(warnings.size(), refusals);
    EXPECT_THAT(warnings.back(), HasSubstr("error=" + status.findings.at(0).code));
    EXPECT_EQ(world_.gauge("offloader_refresh_ok,orders"), 0);
  }
  World world_{project_of({"orders"})};
  std::string good_;
};

TEST_P(InvalidManifest, Start_InvalidManifest_IsRejectedWithItsFindings) {
  break_manifest();
  world_.start();
  world_.await([&] { return world_.status("orders").last_attempted.has_value(); });
  expect_refused(1);
  EXPECT_EQ(world_.served("orders"), "not ready");
}

TEST_P(InvalidManifest, Refresh_WhileServing_IsRejectedOnceForEachChange) {
  world_.start();
  world_.await_active("orders", "s1");
  break_manifest();
  pass_an_interval();
  world_.await([&] { return world_.status("orders").last_attempted->status == Outcome::rejected; });
  expect_refused(1);
  EXPECT_EQ(world_.served("orders"), "s1");
  // An unchanged manifest is not tried again: nothing new is reported, and the status does not improve.
  const auto at = world_.status("orders").last_attempted->at;
  const auto asked = world_.status("orders").next_attempt_at;
  pass_an_interval();
  world_.await([&] {
    const auto status = world_.status("orders");
    return status.next_attempt_at && *status.next_attempt_at > *asked + seconds(60);
  });
  EXPECT_EQ(world_.status("orders").last_attempted->at, at);
  expect_refused(1);
  EXPECT_EQ(world_.force("orders").status, Outcome::rejected);
  expect_refused(2);
  world_.offer("orders", "s2");
  pass_an_interval();
  world_.await_active("orders", "s2");
  EXPECT_TRUE(world_.status("orders").manifest_valid);
}

TEST_P(InvalidManifest, Refresh_AfterARollback_IsRejectedAndNotQuarantined) {
  world_.start();
  world_.await_active("orders", "s1");
  world_.offer("orders", "s2");
  world_.force("orders");
  ASSERT_TRUE(world_.refresher->rollback("orders"));
  break_manifest();
  pass_an_interval();
  world_.await([&] { return world_.status("orders").last_attempted->status == Outcome::rejected; });
  expect_refused(1);
}

INSTANTIATE_TEST_SUITE_P(Manifests, InvalidManifest, testing::ValuesIn(kBreakages),
                         [](const auto& one) { return one.param.name; });

TEST(EncodedManifest, Start_EncodedManifest_IsRejectedWithItsFinding) {
  auto project = project_of({"orders"});
  const std::string url = "s3://bucket/orders.json";
  project.datasets.at("orders").origin = catalog::StaticManifest{url};
  World world(std::move(project));
  world.store.objects[url] = "{}";
  world.store.encoded = {url};
  world.start();
  world.await([&] { return world.status("orders").last_attempted.has_value(); });
  const auto status = world.status("orders");
  EXPECT_EQ(status.last_attempted->status, Outcome::rejected);
  ASSERT_EQ(status.findings.size(), 1U);
  EXPECT_EQ(status.findings[0].file, url);
  EXPECT_EQ(status.findings[0].code, "unsupported_encoding");
  EXPECT_EQ(world.served("orders"), "not ready");
}

catalog::Catalog databricks_project() {
  auto made = project_of({"orders"});
  made.datasets.at("orders").origin =
      catalog::DatabricksSource{.bucket = "gs://bucket", .prefix = "export/", .interval_seconds = 60};
  return made;
}

TEST(InvalidCommit, Start_InvalidCommit_IsRejectedWithItsFinding) {
  World world(databricks_project());
  world.store.objects["gs://bucket/export/_committed_7"] = R"({"added": 1})";
  world.start();
  world.await([&] { return world.status("orders").last_attempted.has_value(); });
  EXPECT_EQ(world.status("orders").last_attempted->status, Outcome::rejected);
  EXPECT_EQ(world.status("orders").findings.at(0).file, "_committed_7");
  EXPECT_FALSE(world.status("orders").manifest_valid);
  EXPECT_EQ(world.log.lines_with("outcome=rejected").size(), 1U);
}

}  // namespace
}  // namespace offloader::refresh
