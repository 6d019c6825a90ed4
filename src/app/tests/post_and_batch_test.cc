// POST, batches and the list of endpoints through the running server (consumer-api.md).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "numbers_project.h"
#include "offloader/base/testing/temporary_folder.h"
#include "test_server.h"

namespace offloader::app {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const std::vector<std::string> kJson = {"content-type: application/json"};

json parsed(const Answer& answer) {
  return json::parse(answer.body, nullptr, false);
}

// A batch of `count` requests: pages of different sizes, which are different entries of the cache, and one
// request in three that reads every row.
std::string batch_of(int count, int first = 1) {
  json requests = json::array();
  for (int i = 0; i < count; ++i) {
    json request = {{"id", std::to_string(i)}, {"endpoint", i % 3 == 2 ? "scan" : "rows"}};
    if (i % 3 != 2) request["params"] = {{"limit", first + i}};
    requests.push_back(std::move(request));
  }
  return json{{"requests", std::move(requests)}}.dump();
}

// Returns every snapshot that the results of a batch name or have a row of; "" among them if one is not a 200
// with the batch's request id, or if there are not `count` results.
std::set<std::string> snapshots_of(const json& batch, std::size_t count) {
  std::set<std::string> out;
  if (!batch.contains("results") || batch["results"].size() != count) return {""};
  for (const json& result : batch["results"]) {
    const json& meta = result["body"]["meta"];
    if (result["status"] != 200 || meta["request_id"] != batch["meta"]["request_id"]) return {""};
    out.insert(meta["snapshot_id"].get<std::string>());
    for (const json& row : result["body"]["data"]) {
      const int number = row.contains("least") ? row["least"].get<int>() : row["snapshot"].get<int>();
      out.insert("s" + std::to_string(number));
    }
  }
  return out;
}

class PostAndBatch : public ::testing::Test {
 protected:
  void start(bool use_index = true) {
    numbers::write_project(project());
    numbers::publish(project(), 1, kCount);
    server_ = std::make_unique<TestServer>(project(), folder_.path() / "cache",
                                           TestServerOptions{.use_index = use_index, .admin_token = "token"});
    ASSERT_TRUE(server_->started()) << server_->failure();
    ASSERT_TRUE(server_->await_ready()) << server_->failure();
    client_ = std::make_unique<HttpClient>(server_->api_port());
  }
  Answer post(const std::string& target, const std::string& body) {
    return client_->send("POST", target, kJson, body);
  }
  [[nodiscard]] std::filesystem::path project() const { return folder_.path() / "project"; }

  static constexpr int kCount = 2000;  // rows of every snapshot
  TemporaryFolder folder_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<HttpClient> client_;
};

TEST_F(PostAndBatch, Post_SameParams_HasTheRowsTagAndCacheOfTheGet) {
  start();
  const Answer get = client_->get("/v1/endpoints/rows?limit=3&offset=5&columns=id");
  const Answer same = post("/v1/endpoints/rows", R"({"columns":["id"],"offset":5e0,"limit":3,"x":null})");
  ASSERT_EQ(get.status, 200);
  ASSERT_EQ(same.status, 200) << same.body;
  EXPECT_EQ(parsed(same)["data"], parsed(get)["data"]);
  EXPECT_EQ(parsed(same)["data"].size(), 3U);
  EXPECT_EQ(parsed(same)["meta"]["cache"], "hit");
  EXPECT_EQ(same.headers.at("etag"), get.headers.at("etag"));
  EXPECT_EQ(same.headers.at("cache-control"), "no-store");
  EXPECT_THAT(get.headers.at("cache-control"), HasSubstr("public"));
  std::vector<std::string> unchanged = kJson;
  unchanged.push_back("if-none-match: " + get.headers.at("etag"));
  EXPECT_EQ(
      client_->send("POST", "/v1/endpoints/rows", unchanged, R"({"columns":["id"],"offset":5,"limit":3})")
          .status,
      200);
}

TEST_F(PostAndBatch, Post_ColumnsTooLongForAUrl_AreRead) {
  start();
  std::string body = R"({"columns":"id","x":null,"limit":1)";
  body.append(60'000, ' ').append("}");
  EXPECT_EQ(post("/v1/endpoints/rows", body).status, 200);
  body.append(6000, ' ');
  EXPECT_EQ(post("/v1/endpoints/rows", body).status, 413);
  EXPECT_EQ(client_->get("/healthz").status, 200);
}

TEST_F(PostAndBatch, Post_SeveralMistakes_TellsAll) {
  start();
  const json error = parsed(post("/v1/endpoints/rows", R"({"limit":0,"columns":"secret","%":1})"))["error"];
  EXPECT_EQ(error["family"], "invalid_param");
  ASSERT_THAT(error["problems"], SizeIs(3));
  EXPECT_EQ(error["message"], error["problems"][0]["message"]);
  EXPECT_EQ(error["problems"][1]["param"], "limit");
  EXPECT_EQ(error["problems"][2]["allowed"], (json{"id", "snapshot"}));
  EXPECT_THAT(error.dump(), ::testing::Not(HasSubstr("secret")));
}

TEST_F(PostAndBatch, List_ShowsEveryEndpoint) {
  start();
  const Answer answer = client_->get("/v1");
  ASSERT_EQ(answer.status, 200);
  const json data = parsed(answer)["data"];
  ASSERT_THAT(data, SizeIs(2));
  EXPECT_EQ(data[0],
            (json{{"name", "rows"}, {"version", 1}, {"description", ""}, {"path", "/v1/endpoints/rows"}}));
  EXPECT_EQ(client_->get(data[1]["path"].get<std::string>()).status, 200);
  const Answer head = client_->send("HEAD", "/v1");
  EXPECT_EQ(head.headers.at("content-length"), answer.headers.at("content-length"));
  EXPECT_EQ(client_->get("/v1", {"if-none-match: " + answer.headers.at("etag")}).status, 304);
}

TEST_F(PostAndBatch, Batch_EachBody_IsWhatTheRequestAloneGets) {
  start();
  const json results = parsed(post("/v1/batch", batch_of(12)))["results"];
  ASSERT_THAT(results, SizeIs(12));
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(results[i]["id"], std::to_string(i));
    EXPECT_EQ(results[i]["status"], 200);
    const std::string target = i % 3 == 2 ? "scan" : "rows?limit=" + std::to_string(1 + i);
    EXPECT_EQ(results[i]["body"]["data"], parsed(client_->get("/v1/endpoints/" + target))["data"]) << i;
  }
}

// Every rollback swaps at once between the two snapshots that the server has.
TEST_F(PostAndBatch, Batch_WhileSnapshotsAreSwapped_NamesOneSnapshot) {
  start();
  numbers::publish(project(), 2, kCount);
  ASSERT_TRUE(server_->refresh("numbers")) << server_->failure();
  std::atomic<bool> stop = false;
  std::atomic<int> batches = 0;
  struct Reader {
    std::string problem{};
    std::atomic<bool> failed = false;
    std::thread thread{};
  };
  std::array<Reader, 3> readers;
  for (Reader& reader : readers) {
    reader.thread = std::thread([&] {
      HttpClient client(server_->api_port());
      while (!stop && !reader.failed) {
        const Answer answer = client.send("POST", "/v1/batch", kJson, batch_of(20));
        const std::set<std::string> snapshots = snapshots_of(parsed(answer), 20);
        if (snapshots.size() != 1 || snapshots.contains("")) {
          reader.problem = std::to_string(answer.status) + " " + answer.body;
          reader.failed = true;
        }
        ++batches;
      }
    });
  }
  HttpClient admin(server_->admin_port());
  for (int swaps = 0; swaps < 150 || batches < 150; ++swaps) {
    const Answer swapped =
        admin.send("POST", "/datasets/numbers/rollback?force=true", {"authorization: Bearer token"});
    EXPECT_EQ(swapped.status, 200) << swapped.body;
    if (swapped.status != 200 || std::ranges::any_of(readers, [](Reader& r) { return r.failed.load(); }))
      break;
  }
  stop = true;
  for (Reader& reader : readers) {
    reader.thread.join();
    EXPECT_EQ(reader.problem, "");
  }
}

// Together they may want more places than the read pool has for all clients, so some requests are shed.
TEST_F(PostAndBatch, Batches_TwentyOfTwentyAtOnce_AreAnsweredOrShed) {
  start(false);
  std::atomic<int> whole = 0;
  std::atomic<int> answered = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back([&, i] {
      HttpClient client(server_->api_port());
      const Answer answer = client.send("POST", "/v1/batch", kJson, batch_of(20, 1 + 20 * i));
      const json results = parsed(answer)["results"];
      int sound = 0;
      for (const json& result : results) {
        const json& body = result["body"];
        if (result["status"] == 200 && body["meta"]["snapshot_id"] == "s1") ++answered;
        if (result["status"] == 200 ? body["meta"]["snapshot_id"] == "s1"
                                    : result["status"] == 503 && body["error"]["family"] == "not_ready")
          ++sound;
      }
      if (results.size() == 20 && sound == 20) ++whole;
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(whole, 20);
  EXPECT_GE(answered, 20);
  const json last = parsed(post("/v1/batch", batch_of(20)))["results"];
  EXPECT_TRUE(std::all_of(last.begin(), last.end(), [](const json& one) { return one["status"] == 200; }));
}

}  // namespace
}  // namespace offloader::app
