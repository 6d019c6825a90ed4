// In which order the checks of a request with a cursor come: params (422), cursor (410), dataset (503).

#include <gtest/gtest.h>

#include "api_scene.h"
#include "offloader/base/base64url.h"
#include "offloader/query/cursor.h"

namespace offloader::api {
namespace {

class CursorOrder : public ::testing::Test {
 protected:
  static ApiScene::Files files() {
    ApiScene::Files out = ApiScene::files();
    for (const char* const name : {"cached", "fresh"}) {
      out["endpoints/" + std::string(name) + ".yml"] =
          ApiScene::endpoint(name, "plain", "pagination: {cursor: true}\n");
    }
    return out;
  }
  static ApiOptions options(std::shared_ptr<const Seal> seal) {
    return {.cors_origins = {},
            .access_log = AccessLog::off,
            .trusted_proxies = {},
            .response_memory = nullptr,
            .cursor_seal = std::move(seal),
            .report_corrupt = {}};
  }
  // Seals a cursor of the endpoint `cached` for a request without params.
  [[nodiscard]] std::string cursor_of(const std::string& contract) const {
    query::Cursor cursor;
    cursor.contract = contract;
    cursor.snapshot = "rows of plain";
    return to_base64url(seal_->close(encode(cursor), query::cursor_binding("cached", std::nullopt, {})));
  }
  [[nodiscard]] static std::string contract() {
    const auto loaded = catalog::load_project_files(files());
    const catalog::Endpoint& endpoint = loaded.catalog->endpoints.at("cached");
    return query::make_compiler(endpoint, loaded.catalog->dataset_of(endpoint))->fingerprint();
  }
  int status_of(const std::string& query) { return scene_.get("/v1/endpoints/cached?" + query)->status; }

  const std::shared_ptr<const Seal> seal_ = std::make_shared<Seal>(std::string(32, 'k'), "cursor");
  ApiScene scene_{options(seal_)};
};

TEST_F(CursorOrder, Checks_DatasetWithoutSnapshot_ParamsThenCursorThenDataset) {
  scene_.serve(files(), {"plain"});
  const std::string current = cursor_of(contract());
  const std::string older = cursor_of("of another contract");
  EXPECT_EQ(status_of("cursor=" + current), 503);
  EXPECT_EQ(status_of("cursor=" + older), 410);
  EXPECT_EQ(status_of("limit=0&cursor=" + older), 422);
  EXPECT_EQ(status_of("offset=0&cursor=" + current), 422);
  EXPECT_EQ(status_of("cursor=" + older + "A"), 422);
  EXPECT_EQ(status_of("n=1&cursor=" + current), 422) << "it is of a request without n";
  const auto answer = scene_.get("/v1/endpoints/cached?cursor=" + older);
  EXPECT_TRUE(answer->has("\"family\":\"cursor_expired\"")) << answer->body;
  EXPECT_EQ(answer->header("cache-control"), "no-store");
}

TEST_F(CursorOrder, Checks_NoKeyOrNotGranted_ComeFirst) {
  scene_.serve(files());
  const std::string target = "/v1/endpoints/cached?cursor=" + cursor_of("of another contract");
  EXPECT_EQ(scene_.get(target, "")->status, 401);
  EXPECT_EQ(scene_.get(target, "token-tenant")->status, 404);
  EXPECT_EQ(scene_.get(target)->status, 410);
}

TEST_F(CursorOrder, Post_QueryStringBesideACursor_Is422) {
  scene_.serve(files());
  const std::string body = "{\"cursor\":\"" + cursor_of("of another contract") + "\"}";
  EXPECT_EQ(scene_.post("/v1/endpoints/cached", body)->status, 410);
  EXPECT_EQ(scene_.post("/v1/endpoints/cached?limit=1", body)->status, 422);
}

}  // namespace
}  // namespace offloader::api
