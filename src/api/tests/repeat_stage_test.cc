// A request that repeats one is answered as that one was, but only while its caller, contract and snapshot
// are the same.

#include <gtest/gtest.h>

#include "repeated_queries.h"
#include "tests/api_scene.h"

namespace offloader::api {
namespace {

const std::string kScoped = "/v1/endpoints/scoped?n=1";

// `scoped` is cached, and `tenant` (acme) and `other` (globex) may call it.
ApiScene::Files files(const std::string& more = "") {
  ApiScene::Files out = ApiScene::files();
  out["endpoints/scoped.yml"] =
      ApiScene::endpoint("scoped", "tenants", "tenant: {column: t}\ncache: {policy: snapshot}\n" + more);
  out["keys.yml"] += ApiScene::key("other", "tenant: globex, endpoints: [scoped], status: active");
  return out;
}

// Returns the answer without what differs from request to request.
std::string lasting(const FakeAnswer& answer) {
  std::string text = std::to_string(answer.status) + "\n" + answer.headers + answer.body;
  const std::string id = answer.header("x-request-id");
  for (std::size_t at = text.find(id); at != std::string::npos; at = text.find(id)) text.erase(at, id.size());
  return text;
}

// Serves the project, and asks for kScoped until it counts as repeated.
void serve_repeated(ApiScene& scene) {
  scene.serve(files());
  static_cast<void>(scene.get(kScoped, "token-tenant"));
  scene.executor.answer(0, std::string("7"));
  for (int i = 0; i < 3; ++i) ASSERT_EQ(scene.get(kScoped, "token-tenant")->status, 200);
}

TEST(RepeatStage, SameQueryOfTwoTenants_EachGetsItsOwnRows) {
  ApiScene scene;
  scene.serve(files());
  static_cast<void>(scene.get(kScoped, "token-tenant"));
  scene.executor.answer(0, std::string("7"));
  static_cast<void>(scene.get(kScoped, "token-other"));
  scene.executor.answer(1, std::string("8"));
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(scene.get(kScoped, "token-tenant")->has(R"([{"n":7}])"));
    EXPECT_TRUE(scene.get(kScoped, "token-tenant")->has(R"([{"n":7}])"));
    EXPECT_TRUE(scene.get(kScoped, "token-other")->has(R"([{"n":8}])"));
  }
  EXPECT_EQ(scene.executor.queries(), 2U);
}

TEST(RepeatStage, RepeatedHit_IsTheSameAnswer) {
  ApiScene scene;
  scene.serve(files());
  const std::string target = "/v1/endpoints/scoped?n=1&limit=1&offset=3";
  static_cast<void>(scene.get(target, "token-tenant"));
  scene.executor.answer_with(0, [](const auto& write) -> executor::Outcome {
    EXPECT_TRUE(write("7"));
    return executor::Answered{.row_count = 1, .has_more = true};
  });
  const std::string first = lasting(*scene.get(target, "token-tenant"));
  EXPECT_NE(first.find(R"("cache":"hit")"), std::string::npos) << first;
  EXPECT_NE(first.find("offset=4>; rel"), std::string::npos) << "it links to the next page: " << first;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(lasting(*scene.get(target, "token-tenant")), first);
  const auto etag = scene.get(target, "token-tenant")->header("etag");
  EXPECT_EQ(scene.get(target, "token-tenant", {{"if-none-match", etag}})->status, 304);
  FakeRequest head(target, {{"authorization", "Bearer token-tenant"}}, "HEAD");
  EXPECT_EQ(lasting(*scene.ask(head)), first);
}

TEST(RepeatStage, Reload_ChecksTheQueryAgain) {
  ApiScene scene;
  ASSERT_NO_FATAL_FAILURE(serve_repeated(scene));
  ApiScene::Files stricter = files();
  const std::string param = "{name: n, type: integer}";
  std::string& contract = stricter["endpoints/scoped.yml"];
  contract.replace(contract.find(param), param.size(), "{name: n, type: integer, min: 2}");
  scene.serve(stricter);
  EXPECT_EQ(scene.get(kScoped, "token-tenant")->status, 422);
}

TEST(RepeatStage, RevokedKey_IsRefusedWhateverWasRemembered) {
  ApiScene scene;
  ASSERT_NO_FATAL_FAILURE(serve_repeated(scene));
  ApiScene::Files revoked = files();
  std::string& keys = revoked["keys.yml"];
  const std::string granted = "tenant: acme, endpoints: [scoped], status: ";
  keys.replace(keys.find(granted), granted.size() + 6, granted + "revoked");
  scene.serve(revoked);
  EXPECT_EQ(scene.get(kScoped, "token-tenant")->status, 401);
}

TEST(RepeatStage, LongQuery_IsNotRemembered) {
  ApiScene scene;
  scene.serve(files());
  const std::string target = "/v1/endpoints/scoped?n=" + std::string(3000, '0') + "1";
  const int status = scene.get(target, "token-tenant")->status;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(scene.get(target, "token-tenant")->status, status);
}

TEST(RepeatStage, ManyQueries_EachHasItsOwnAnswer) {
  constexpr std::size_t kMany = 3 * RepeatedQueries::kSlots;
  ApiScene scene;
  scene.serve(files());
  std::size_t asked = 0;
  for (std::size_t round = 0; round < 3; ++round) {
    for (std::size_t n = 0; n < kMany; ++n) {
      const std::string number = std::to_string(n);
      const auto answer = scene.get("/v1/endpoints/scoped?n=" + number, "token-tenant");
      if (answer->status == 0) scene.executor.answer(asked++, number);
      ASSERT_TRUE(answer->has("[{\"n\":" + number + "}]")) << answer->body;
    }
  }
}

}  // namespace
}  // namespace offloader::api
