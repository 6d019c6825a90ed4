// ETags follow what `meta` says about the snapshot (consumer-api.md, "Caching"), and equivalent paths are
// equal ("HTTP").

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "await.h"
#include "offloader/base/clock.h"
#include "offloader/base/file.h"
#include "offloader/base/testing/temporary_folder.h"
#include "offloader/base/timestamp.h"
#include "test_server.h"

namespace offloader::app {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

// One endpoint `m` that needs no key and whose answers are stale a minute after the watermark.
class FreshnessEtag : public ::testing::Test {
 protected:
  FreshnessEtag() {
    write("offloader.yml", "version: 1\nauth: none\n");
    write("datasets/m.yml", "id: m\nmanifest: data/m.json\nschema: [{name: id, type: INTEGER}]\n");
    write("endpoints/m.yml",
          "name: m\nversion: 1\ndataset: m\nquery: {select: [{as: id, column: id}]}\ncolumns: [id]\n"
          "freshness: {max_staleness_minutes: 1}\ncache: {policy: snapshot}\n");
    write("data/m.csv", "id\n1\n2\n");
  }

  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((project() / name).parent_path());
    ASSERT_TRUE(write_file_atomically(project() / name, text));
  }
  // Publishes the same rows as another snapshot.
  void publish(const std::string& id, SystemTime watermark) {
    const std::string time = to_rfc3339(watermark);
    write("data/m.json",
          R"({"dataset_id":"m","snapshot_id":")" + id + R"(","created_at":")" + time + R"(","watermark":")" +
              time +
              R"(","schema":[{"name":"id","type":"INTEGER"}],"files":[{"path":"m.csv","format":)"
              R"("csv"}],"partition_columns":[],"sort_columns":[],"row_count":2,"size_bytes":9,)"
              R"("producer":"test","upstream_run_id":"run","schema_version":1,)"
              R"("data_quality_status":"passed","compatibility_policy":"exact"})");
  }
  void start() {
    server_ = std::make_unique<TestServer>(project(), folder_.path() / "cache");
    ASSERT_TRUE(server_->started()) << server_->failure();
    ASSERT_TRUE(server_->await_ready()) << server_->failure();
    client_ = std::make_unique<HttpClient>(server_->api_port());
  }
  Answer get(const std::string& target, const std::vector<std::string>& headers = {}) {
    return client_->get(target, headers);
  }
  [[nodiscard]] std::filesystem::path project() const { return folder_.path() / "project"; }

  static constexpr const char* kTarget = "/v1/endpoints/m";
  TemporaryFolder folder_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<HttpClient> client_;
};

TEST_F(FreshnessEtag, Etag_CachedAnswerTurnsStale_Changes) {
  publish("s0", real_clock().now());
  start();
  // Publish a snapshot that turns stale soon, but not before the first two requests, even on a slow machine.
  Answer fresh;
  Answer same;
  for (const int left : {2, 8, 30}) {
    publish("s" + std::to_string(left), real_clock().now() - seconds(60 - left));
    ASSERT_TRUE(server_->refresh("m")) << server_->failure();
    fresh = get(kTarget);
    ASSERT_EQ(fresh.status, 200) << fresh.body;
    if (fresh.body.find(R"("stale":false)") == std::string::npos) continue;
    same = get(kTarget, {"If-None-Match: " + fresh.headers.at("etag")});
    if (same.status == 304) break;
    ASSERT_THAT(same.body, HasSubstr(R"("stale":true)")) << "otherwise it is the same answer";
  }
  ASSERT_THAT(fresh.body, HasSubstr(R"("stale":false)"));
  ASSERT_EQ(same.status, 304);
  const std::string etag = fresh.headers.at("etag");
  Answer stale;
  ASSERT_TRUE(await([&] {
    stale = get(kTarget, {"If-None-Match: " + etag});
    return stale.status != 304;
  }));
  EXPECT_EQ(stale.status, 200);
  EXPECT_THAT(stale.body, HasSubstr(R"("stale":true)"));
  EXPECT_THAT(stale.body, HasSubstr(R"("cache":"hit")")) << "no query was needed to say so";
  EXPECT_NE(stale.headers.at("etag"), etag);
  EXPECT_THAT(stale.headers.at("cache-control"), HasSubstr("max-age=0,"));
  const Answer again = get(kTarget, {"If-None-Match: " + stale.headers.at("etag")});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.headers.at("etag"), stale.headers.at("etag"));
}

TEST_F(FreshnessEtag, Etag_NewSnapshotWithTheSameRows_Changes) {
  const SystemTime now = real_clock().now();
  publish("s1", now);
  start();
  const std::string first = get(kTarget).headers.at("etag");
  publish("s2", now);
  ASSERT_TRUE(server_->refresh("m")) << server_->failure();
  const Answer renamed = get(kTarget, {"If-None-Match: " + first});
  ASSERT_EQ(renamed.status, 200);
  EXPECT_THAT(renamed.body, HasSubstr(R"("snapshot_id":"s2")"));
  EXPECT_NE(renamed.headers.at("etag"), first);
  publish("s3", now + seconds(1));
  ASSERT_TRUE(server_->refresh("m")) << server_->failure();
  EXPECT_EQ(get(kTarget, {"If-None-Match: " + renamed.headers.at("etag")}).status, 200);
}

TEST_F(FreshnessEtag, IfNoneMatch_SuffixAddedByAProxy_IsIgnored) {
  publish("s1", real_clock().now());
  start();
  std::string etag = get(kTarget).headers.at("etag");
  const std::string own = etag;
  for (const std::string mark : {"-gzip", ";gzip", "-br", "-zstd"}) {
    etag = own;
    etag.insert(etag.size() - 1, mark);
    const Answer answer = get(kTarget, {"If-None-Match: " + etag});
    EXPECT_EQ(answer.status, 304) << etag;
    EXPECT_EQ(answer.headers.at("etag"), own);
  }
}

TEST_F(FreshnessEtag, Path_EquivalentSpelling_IsServed) {
  publish("s1", real_clock().now());
  start();
  for (const char* target :
       {"/v1/endpoints/m", "/v1/endpoints/%6D", "/v1/endpoints/%6d?limit=1", "/v1/endpoints/m/",
        "/v1/endpoints/m/?limit=1", "/%76%31/endpoints/m", "/healthz/", "/health%7a"})
    EXPECT_EQ(get(target).status, 200) << target;
  for (const char* target : {"/v1/endpoints%2Fm", "/v1/endpoints/m//", "/v1/endpoints/%256D",
                             "/v1/endpoints/m%00", "/v1/endpoints/m%2F", "/v1/endpoints/%", "/v1/endpoints/"})
    EXPECT_EQ(get(target).status, 404) << target;
}

}  // namespace
}  // namespace offloader::app
