#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <mutex>
#include <thread>

#include "api_scene.h"
#include "offloader/jwt/testing/signing_key.h"

namespace offloader::api {
namespace {

using jwt::Algorithm;
using jwt::testing::SigningKey;

// The tasks that the verifier posts to the I/O thread, which is that of the test.
class IoThread {
 public:
  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  // Runs tasks until the condition holds. Returns false after a minute.
  bool run_until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!holds() && std::chrono::steady_clock::now() < end) {
      std::function<void()> task;
      {
        const std::lock_guard lock(mutex_);
        if (!tasks_.empty()) {
          task = std::move(tasks_.front());
          tasks_.pop_front();
        }
      }
      task ? task() : std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return holds();
  }

 private:
  std::mutex mutex_;
  std::deque<std::function<void()>> tasks_;
};

// ApiScene's project, with an issuer whose tokens name their endpoints in `scope` and their tenant in
// `tenant`.
class Tokens : public ::testing::Test {
 protected:
  Tokens() {
    options_.access_log = AccessLog::off;
    options_.response_memory = memory_;
    options_.post = [this](std::size_t, std::function<void()> task) { io_.post(std::move(task)); };
  }

  ApiScene::Files files(const std::string& jwks = "jwks.json") const {
    ApiScene::Files out = ApiScene::files();
    out["offloader.yml"] += "identity: identity.yml\n";
    out["jwks.json"] = key_.key_set();
    out["identity.yml"] =
        "issuers:\n  - {id: idp, issuer: 'https://id.example/', audience: [offloader], jwks: '" + jwks +
        "', algorithms: [ES256], tenant_claim: tenant, endpoints_claim: scope}\n";
    return out;
  }
  static std::string claims(const std::string& more) {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(real_clock().now().time_since_epoch()).count();
    return R"({"iss":"https://id.example/","aud":"offloader","sub":"u1","iat":)" + std::to_string(now) +
           R"(,"exp":)" + std::to_string(now + 600) + "," + more + "}";
  }
  std::string token(const std::string& more = R"("tenant":"acme","scope":"cached fresh scoped")") const {
    return key_.sign(claims(more));
  }
  // Waits for the status of an answer.
  int status(const std::shared_ptr<FakeAnswer>& answer) {
    io_.run_until([&] { return answer->status != 0; });
    return answer->status;
  }

  const SigningKey key_{Algorithm::es256, "k1"};
  const std::shared_ptr<ByteBudget> memory_ = std::make_shared<ByteBudget>(1 << 20);
  IoThread io_;
  ApiOptions options_;
};

TEST_F(Tokens, NewToken_IsVerifiedOutsideTheIoThread_ThenAtOnce) {
  ApiScene scene(options_);
  scene.serve(files());
  const std::string good = token();
  const auto first = scene.get("/v1", good);
  EXPECT_EQ(first->status, 0);
  EXPECT_EQ(status(first), 200);
  EXPECT_TRUE(first->has(R"("name":"scoped")"));
  EXPECT_EQ(scene.get("/v1", good)->status, 200);
  EXPECT_EQ(memory_->used(), 0U);
}

TEST_F(Tokens, NewToken_EveryRoute_GoesOnWhereItWaited) {
  ApiScene scene(options_);
  scene.serve(files());
  int number = 0;
  const auto fresh = [&] {
    return token(R"("tenant":"acme","scope":"fresh","n":)" + std::to_string(number++));
  };
  EXPECT_EQ(status(scene.get("/v1/endpoints/nobody", fresh())), 404);
  EXPECT_EQ(status(scene.get("/v1/endpoints/scoped", fresh())), 404);
  const auto invalid = scene.get("/v1/endpoints/%66resh?x=1", fresh());
  EXPECT_EQ(status(invalid), 422);
  EXPECT_TRUE(invalid->has("invalid_param"));
  const auto posted = scene.post("/v1/endpoints/fresh", R"({"n":"x"})", fresh());
  EXPECT_EQ(status(posted), 422);
  const auto batch =
      scene.post("/v1/batch", R"({"requests":[{"endpoint":"fresh","params":{"n":"x"}}]})", fresh());
  EXPECT_EQ(status(batch), 200);
  EXPECT_TRUE(batch->has(R"("status":422)"));
}

TEST_F(Tokens, Query_OfAScopedEndpoint_IsAnswered) {
  ApiScene scene(options_);
  scene.serve(files());
  const auto answer = scene.get("/v1/endpoints/scoped", token());
  ASSERT_TRUE(io_.run_until([&] { return scene.executor.queries() == 1; }));
  scene.executor.answer(0, "7");
  EXPECT_EQ(status(answer), 200);
  EXPECT_TRUE(answer->has(R"({"n":7})"));
}

TEST_F(Tokens, InvalidTokens_AreCountedByReasonAndAnsweredAlike) {
  ApiScene scene(options_);
  scene.serve(files());
  const auto forged = scene.get("/v1", SigningKey(Algorithm::es256, "k1").sign(claims(R"("tenant":"acme")")));
  const auto foreign = scene.get("/v1", key_.sign(R"({"iss":"https://other.example"})"));
  const auto tenantless = scene.get("/v1", token(R"("scope":"fresh")"));
  const auto unknown = scene.get("/v1", "nobody");
  for (const auto& answer : {forged, foreign, tenantless, unknown}) {
    EXPECT_EQ(status(answer), 401);
    EXPECT_EQ(answer->header("www-authenticate"), "Bearer");
    EXPECT_TRUE(answer->has("a valid API key is required"));
  }
  const auto counted = [&](const char* reason) {
    return scene.counted("offloader_auth_failures_total", {{"reason", reason}});
  };
  EXPECT_EQ(counted("token"), 2U);
  EXPECT_EQ(counted("issuer"), 1U);
  EXPECT_EQ(counted("unknown"), 1U);
  EXPECT_EQ(memory_->used(), 0U);
}

TEST_F(Tokens, NoMemory_Is503) {
  options_.response_memory = std::make_shared<ByteBudget>(100);
  ApiScene scene(options_);
  scene.serve(files());
  EXPECT_EQ(scene.get("/v1", token())->status, 503);
  EXPECT_EQ(scene.counted("offloader_shed_total", {{"reason", "memory"}}), 1U);
}

// A key set that is fetched only when the test says so.
class FetchedTokens : public Tokens {
 protected:
  FetchedTokens() {
    identity::KeySets::Options options;
    options.fetch = [this](const std::string&, const std::string&,
                           const CancelFlag& cancel) -> Result<identity::FetchedKeySet> {
      while (!cancel.cancelled()) {
        {
          const std::lock_guard lock(mutex_);
          if (allowed_ > 0) {
            --allowed_;
            ++fetched_;
            return identity::FetchedKeySet{published_, ""};
          }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      return fail(ErrorCode::cancelled, "cancelled");
    };
    sets_ = std::make_shared<identity::KeySets>(std::move(options), real_clock());
    EXPECT_TRUE(sets_->start());
  }
  ~FetchedTokens() override { sets_->stop(); }

  void allow(const std::string& key_set) {
    const std::lock_guard lock(mutex_);
    published_ = key_set;
    ++allowed_;
  }
  bool await_fetch(int count) {
    return io_.run_until([&] {
      const std::lock_guard lock(mutex_);
      return fetched_ == count;
    });
  }

  std::mutex mutex_;
  std::string published_;
  int allowed_ = 0;
  int fetched_ = 0;
  std::shared_ptr<identity::KeySets> sets_;
};

TEST_F(FetchedTokens, FirstFetch_IsAwaitedByAllRequests) {
  ApiScene scene(options_, sets_);
  scene.serve(files("https://id.example/jwks"));
  std::vector<std::shared_ptr<FakeAnswer>> answers;
  for (int i = 0; i < 20; ++i)
    answers.push_back(scene.get("/v1", token(R"("tenant":"acme","n":)" + std::to_string(i))));
  EXPECT_GT(memory_->used(), 0U);
  allow(key_.key_set());
  for (const auto& answer : answers) EXPECT_EQ(status(answer), 200);
  EXPECT_EQ(memory_->used(), 0U);
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(fetched_, 1);
}

TEST_F(FetchedTokens, RotatedKey_IsFetchedAndItsTokensPass) {
  ApiScene scene(options_, sets_);
  scene.serve(files("https://id.example/jwks"));
  const auto first = scene.get("/v1", token());
  allow(key_.key_set());
  ASSERT_EQ(status(first), 200);
  const SigningKey next(Algorithm::es256, "k2");
  const auto waiting = scene.get("/v1", next.sign(claims(R"("tenant":"acme")")));
  const auto known = scene.get("/v1", token());  // waits for nothing but its own verification
  EXPECT_EQ(status(known), 200);
  EXPECT_EQ(waiting->status, 0);
  allow(next.key_set());
  EXPECT_EQ(status(waiting), 200);
  EXPECT_EQ(status(scene.get("/v1", token())), 401);
}

TEST_F(FetchedTokens, UnknownKey_AfterAFetchInTheLastMinute_IsRefusedAtOnce) {
  ApiScene scene(options_, sets_);
  scene.serve(files("https://id.example/jwks"));
  allow(key_.key_set());
  ASSERT_EQ(status(scene.get("/v1", token())), 200);
  allow(key_.key_set());
  EXPECT_EQ(status(scene.get("/v1", SigningKey(Algorithm::es256, "k2").sign(claims(R"("tenant":"a")")))),
            401);
  EXPECT_EQ(status(scene.get("/v1", SigningKey(Algorithm::es256, "k3").sign(claims(R"("tenant":"a")")))),
            401);
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(fetched_, 2);
}

TEST_F(FetchedTokens, ClientGoesAway_EndsItsWait) {
  ApiScene scene(options_, sets_);
  scene.serve(files("https://id.example/jwks"));
  const auto answer = scene.get("/v1", token());
  EXPECT_EQ(answer->status, 0);
  scene.gone->cancel();
  EXPECT_NE(status(answer), 200);
  allow(key_.key_set());
  ASSERT_TRUE(await_fetch(1));
  EXPECT_TRUE(io_.run_until([&] { return memory_->used() == 0; }));
}

TEST_F(FetchedTokens, StopWhileRequestsWait_DropsThem) {
  auto scene = std::make_unique<ApiScene>(options_, sets_);
  scene->serve(files("https://id.example/jwks"));
  const auto answer = scene->get("/v1", token());
  EXPECT_EQ(answer->status, 0);
  sets_->stop();
  EXPECT_NE(status(answer), 200);
}

}  // namespace
}  // namespace offloader::api
