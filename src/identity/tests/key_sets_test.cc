#include "offloader/identity/key_sets.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "offloader/identity/key_set_fetch.h"
#include "offloader/transport/testing/fake_server.h"
#include "token_scene.h"

namespace offloader::identity {
namespace {

using transport::testing::FakeServer;
using transport::testing::Fault;
using transport::testing::Request;
using transport::testing::text_answer;

Fault dropped() {
  Fault fault;
  fault.drop = true;
  return fault;
}
Fault hanging() {
  Fault fault;
  fault.hang = true;
  return fault;
}
Fault answering(transport::testing::Answer answer) {
  Fault fault;
  fault.instead = std::move(answer);
  return fault;
}

// A value that another thread sets.
template <typename T>
class Awaited {
 public:
  void set(T value) {
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
    changed_.notify_all();
  }
  bool wait_for(const T& value) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return value_ == value; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  T value_{};
};

// A server of one key set, fetched over HTTP.
class KeySetsTest : public ::testing::Test, public TokenScene {
 protected:
  KeySetsTest() {
    jwks = "'" + server_.url() + "/jwks.json'";
    options_.fetch = [this](const std::string& url, const std::string& etag, const CancelFlag& cancel) {
      return fetch_key_set(*transport_, url, etag, cancel);
    };
    options_.report = [this](const KeySets::Report& report) {
      const std::lock_guard lock(mutex_);
      reports_.push_back(report.error     ? "failed: " + report.error->message
                         : report.changed ? "changed"
                                          : "same");
      ended_.set(reports_.size());
    };
  }
  ~KeySetsTest() override {
    if (sets_) sets_->stop();
  }

  void serve(const std::string& issuer = "tenant_claim: t, endpoints: [text]") {
    Files project = files(issuer);
    project["offloader.yml"] += "allowed_origins: ['" + server_.url() + "']\n";
    catalog_ = load(project);
    if (!sets_) {
      sets_ = std::make_shared<KeySets>(options_, clock);
      ASSERT_TRUE(sets_->start());
    }
    principals_ = std::make_unique<Principals>(*catalog_, sets_.get());
  }
  Outcome ask(const std::string& token) const {
    auto found = principals_->find({"Bearer " + token}, clock.both());
    return found.outcome == Outcome::unverified ? principals_->verify(token, clock.both()).outcome
                                                : found.outcome;
  }
  using Asked = IssuerKeys::Asked;
  Asked ask_for_fetch(const std::shared_ptr<IssuerKeys>& keys, std::function<void()> done) const {
    return keys->fetch(keys->current(clock.steady_now()).number, std::move(done));
  }
  // Has the key set fetched as a token with an unknown key does, and waits. Returns false if it may not.
  bool fetch_now() {
    Awaited<bool> done;
    auto keys = sets_->keys_of(catalog_->issuers[0]);
    if (ask_for_fetch(keys, [&] { done.set(true); }) != Asked::waiting) return false;
    return done.wait_for(true);
  }
  void publish(const std::string& text) {
    const std::lock_guard lock(mutex_);
    published_ = text;
  }

  std::mutex mutex_;
  std::string published_ = key.key_set();
  std::vector<std::string> reports_;
  Awaited<std::size_t> ended_;
  FakeServer server_{[this](const Request& request) {
    const std::lock_guard lock(mutex_);
    const std::string etag = "\"" + to_hex(sha256(published_)) + "\"";
    if (request.header("if-none-match") == etag) return text_answer(304, "");
    auto answer = text_answer(200, published_, "application/json");
    answer.headers.emplace_back("ETag", etag);
    return answer;
  }};
  std::shared_ptr<transport::Transport> transport_ = transport::make_curl_transport({});
  KeySets::Options options_;
  std::shared_ptr<KeySets> sets_;
  std::shared_ptr<const catalog::Catalog> catalog_;
  std::unique_ptr<Principals> principals_;
};

TEST_F(KeySetsTest, FirstUse_FetchesAtOnce) {
  serve();
  ASSERT_TRUE(ended_.wait_for(1));
  EXPECT_EQ(ask(token(R"("t":"acme")")), Outcome::ok);
  EXPECT_EQ(sets_->status().at(0).ok, true);
}

TEST_F(KeySetsTest, AfterTheInterval_FetchesAgainWithTheEtag) {
  serve();
  ASSERT_TRUE(ended_.wait_for(1));
  clock.passed = std::chrono::seconds(601);
  // The timer sleeps by the machine's clock, so wake it.
  static_cast<void>(fetch_now());
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(reports_.back(), "same");
  EXPECT_EQ(server_.seen().back().status, 304);
}

TEST_F(KeySetsTest, UnknownKey_IsFetchedOncePerMinute) {
  serve();
  ASSERT_TRUE(ended_.wait_for(1));
  const SigningKey next(Algorithm::es256, "k2");
  const std::string rotated = next.sign(claims(R"("t":"acme")"));
  EXPECT_EQ(ask(rotated), Outcome::token);
  publish(next.key_set());
  ASSERT_TRUE(fetch_now());
  EXPECT_EQ(ask(rotated), Outcome::ok);
  EXPECT_FALSE(fetch_now());
  clock.passed = std::chrono::seconds(59);
  EXPECT_FALSE(fetch_now());
  clock.passed = std::chrono::seconds(60);
  EXPECT_TRUE(fetch_now());
}

TEST_F(KeySetsTest, KeyThatIsGone_EndsWhatItSigned) {
  serve();
  ASSERT_TRUE(ended_.wait_for(1));
  const std::string good = token(R"("t":"acme")");
  ASSERT_EQ(ask(good), Outcome::ok);
  publish(SigningKey(Algorithm::es256, "k2").key_set());
  ASSERT_TRUE(fetch_now());
  EXPECT_EQ(ask(good), Outcome::token);
}

TEST_F(KeySetsTest, AnotherKeyAdded_KeepsTheOldTokens) {
  serve();
  ASSERT_TRUE(ended_.wait_for(1));
  const std::string good = token(R"("t":"acme")");
  ASSERT_EQ(ask(good), Outcome::ok);
  publish(R"({"keys":[)" + key.jwk() + "," + SigningKey(Algorithm::es256, "k2").jwk() + "]}");
  ASSERT_TRUE(fetch_now());
  EXPECT_EQ(ask(good), Outcome::ok);
}

TEST_F(KeySetsTest, ConcurrentAsks_JoinOneFetch) {
  serve();
  ASSERT_TRUE(ended_.wait_for(1));
  server_.set_latency(std::chrono::milliseconds(100));
  auto keys = sets_->keys_of(catalog_->issuers[0]);
  std::atomic<int> left{100};
  Awaited<bool> done;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(ask_for_fetch(keys,
                            [&] {
                              if (--left == 0) done.set(true);
                            }),
              Asked::waiting);
  }
  EXPECT_TRUE(done.wait_for(true));
  EXPECT_EQ(server_.count(), 2U);
}

TEST_F(KeySetsTest, IssuerDown_KnownKeysWorkUntilTheyAreStale) {
  options_.max_stale = std::chrono::seconds(3600);
  serve();
  ASSERT_TRUE(ended_.wait_for(1));
  const std::string good = token(R"("t":"acme")");
  ASSERT_EQ(ask(good), Outcome::ok);
  server_.inject({.times = -1, .fault = transport::testing::status_fault(503)});
  ASSERT_TRUE(fetch_now());
  EXPECT_EQ(sets_->status().at(0).ok, false);
  EXPECT_EQ(ask(good), Outcome::ok);
  clock.passed = std::chrono::seconds(3599);
  const std::string later = key.sign(claims(R"("t":"acme")"));
  EXPECT_EQ(ask(later), Outcome::ok);
  clock.passed = std::chrono::seconds(3600);
  EXPECT_EQ(ask(later), Outcome::issuer);
  server_.clear_faults();
  ASSERT_TRUE(fetch_now());
  EXPECT_EQ(ask(later), Outcome::ok);
  EXPECT_EQ(sets_->status().at(0).ok, true);
}

TEST_F(KeySetsTest, IssuerDownAtStart_TokensAreRefusedUntilItIsBack) {
  server_.inject({.times = 1, .fault = dropped()});
  serve();
  ASSERT_TRUE(ended_.wait_for(1));
  EXPECT_EQ(ask(token(R"("t":"acme")")), Outcome::issuer);
  ASSERT_TRUE(fetch_now());
  EXPECT_EQ(ask(token(R"("t":"acme")")), Outcome::ok);
}

TEST_F(KeySetsTest, AnswersThatAreNoKeySet_ChangeNothing) {
  serve();
  ASSERT_TRUE(ended_.wait_for(1));
  const std::string good = token(R"("t":"acme")");
  for (const auto& [status, body] :
       std::vector<std::pair<int, std::string>>{{200, "<html></html>"},
                                                {200, ""},
                                                {302, ""},
                                                {404, "no"},
                                                {304, ""},
                                                {200, std::string(300'000, ' ')}}) {
    server_.inject({.times = 1, .fault = answering(text_answer(status, body))});
    clock.passed = clock.passed.load() + std::chrono::seconds(60);
    ASSERT_TRUE(fetch_now());
    EXPECT_EQ(sets_->status().at(0).ok, status == 304) << status << body.size();
    EXPECT_EQ(ask(good), Outcome::ok);
  }
}

TEST_F(KeySetsTest, Reload_KnownKeysSurvive_AndOtherIssuersGo) {
  serve();
  ASSERT_TRUE(ended_.wait_for(1));
  server_.inject({.times = -1, .fault = dropped()});
  serve("tenant_claim: t, endpoints: [text, number]");
  EXPECT_EQ(ask(token(R"("t":"7")")), Outcome::ok);
  EXPECT_EQ(server_.count(), 1U);
  jwks = "'" + server_.url() + "/other.json'";
  serve();
  EXPECT_EQ(ask(token(R"("t":"7")")), Outcome::issuer);
  // A fetch that is just ending may still hold the issuer that went.
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (sets_->status().size() > 1 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  EXPECT_EQ(sets_->status().size(), 1U);
}

// A token that was checked just before a fetch ended must not cause another one.
TEST_F(KeySetsTest, FetchAfterTheKeySetChanged_IsNotNecessary) {
  serve();
  ASSERT_TRUE(ended_.wait_for(1));
  auto keys = sets_->keys_of(catalog_->issuers[0]);
  EXPECT_EQ(keys->fetch(0, [] {}), Asked::changed);
  EXPECT_EQ(server_.count(), 1U);
}

TEST_F(KeySetsTest, Stop_WhileAFetchHangs_DropsWhatWaits) {
  server_.inject({.times = -1, .fault = hanging()});
  serve();
  auto keys = sets_->keys_of(catalog_->issuers[0]);
  const auto held = std::make_shared<int>(1);
  EXPECT_EQ(ask_for_fetch(keys, [held] {}), Asked::waiting);
  sets_->stop();
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(ask_for_fetch(keys, [] {}), Asked::refused);
}

}  // namespace
}  // namespace offloader::identity
