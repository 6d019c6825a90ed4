// The largest requests that the limits allow: each gets its answer or a clear error, and the next one its
// own.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "offloader/base/file.h"
#include "offloader/base/testing/temporary_folder.h"
#include "test_server.h"

namespace offloader::app {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::size_t kMaxBody = 64U << 10;
constexpr std::size_t kLongText = 8U << 10;
constexpr int kRows = 2000;
constexpr int kLongEach = 100;
constexpr int kLongRow = 7;  // its text contains long_text()

// Returns a text whose first half is as the texts of all rows, and in which `%` and `_` mean themselves.
std::string long_text(char last) {
  return std::string(kLongText / 2, 'a') + std::string(kLongText / 2 - 3, '%') + "_A" + last;
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  ASSERT_TRUE(write_file_atomically(path, text));
}

void write_project(const std::filesystem::path& root) {
  write(root / "offloader.yml", "version: 1\nauth: none\n");
  write(root / "datasets/texts.yml",
        "id: texts\nmanifest: data/texts.json\nschema: [{name: id, type: INTEGER}, {name: text, type: "
        "VARCHAR}]\n");
  write(root / "endpoints/find.yml",
        "name: find\nversion: 1\ndataset: texts\nparams:\n"
        "  - {name: part, type: string}\n  - {name: any_case, type: string}\n"
        "  - {name: ids, type: integer, list: {max: 1000}}\n"
        "  - {name: texts, type: string, list: {max: 1000}}\n"
        "query:\n  select: [{as: id, column: id}]\n  filters:\n"
        "    - {column: text, op: contains, param: part}\n"
        "    - {column: text, op: icontains, param: any_case}\n"
        "    - {column: id, op: in, param: ids}\n    - {column: text, op: not_in, param: texts}\n"
        "  order_by: [{column: id}]\ncolumns: [id]\npagination: {default_limit: 1000, max_limit: 2000}\n");
  std::string csv = "id,text\n";
  for (int i = 0; i < kRows; ++i) {
    csv += std::to_string(i) + "," + std::string(i % kLongEach == 0 ? 2 * kLongText : 10, 'a');
    csv += (i == kLongRow ? long_text('x') + "a" : "") + "\n";
  }
  write(root / "data/texts.csv", csv);
  write(root / "data/texts.json",
        R"({"dataset_id":"texts","snapshot_id":"s1","created_at":"2026-01-01T00:00:00Z",)"
        R"("watermark":"2026-01-01T00:00:00Z","schema":[{"name":"id","type":"INTEGER"},)"
        R"({"name":"text","type":"VARCHAR"}],"files":[{"path":"texts.csv","format":"csv"}],)"
        R"("partition_columns":[],"sort_columns":[],"row_count":)" +
            std::to_string(kRows) +
            R"(,"size_bytes":1,"producer":"test","upstream_run_id":"run","schema_version":1,)"
            R"("data_quality_status":"passed","compatibility_policy":"exact"})");
}

// `first, first + 1, …`
json numbers(int first, int count) {
  json out = json::array();
  for (int i = 0; i < count; ++i) out.push_back(first + i);
  return out;
}

// `open` and brackets, closed again, of almost 64 KiB.
std::string nested(const std::string& open, const std::string& close) {
  const std::size_t depth = (kMaxBody - open.size() - close.size()) / 2;
  return open + std::string(depth, '[') + std::string(depth, ']') + close;
}

class LargeRequests : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(write_project(folder_.path() / "project"));
    server_ = std::make_unique<TestServer>(folder_.path() / "project", folder_.path() / "cache",
                                           TestServerOptions{.use_index = GetParam()});
    ASSERT_TRUE(server_->started()) << server_->failure();
    ASSERT_TRUE(server_->await_ready()) << server_->failure();
    client_ = std::make_unique<HttpClient>(server_->api_port());
  }
  Answer post(const std::string& body, const std::string& path = "/v1/endpoints/find") {
    return client_->send("POST", path, {"content-type: application/json"}, body);
  }
  std::vector<int> ids_of(const json& params) {
    const Answer answer = post(params.dump());
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::vector<int> ids;
    const json body = json::parse(answer.body, nullptr, false);
    if (body.contains("data")) {
      for (const json& row : body["data"]) ids.push_back(row["id"]);
    }
    return ids;
  }
  void expect_refused(const std::string& body, int status, const std::string& family,
                      const std::string& path = "/v1/endpoints/find") {
    const Answer answer = post(body, path);
    EXPECT_EQ(answer.status, status) << body.substr(0, 40);
    const json error = json::parse(answer.body, nullptr, false)["error"];
    EXPECT_EQ(error["family"], family);
    EXPECT_FALSE(error["message"].get<std::string>().empty());
    EXPECT_LT(answer.body.size(), 1000U);
  }

  TemporaryFolder folder_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<HttpClient> client_;
};

TEST_P(LargeRequests, Contains_TextOfEightKibibytes_FindsTheRowThatHasIt) {
  EXPECT_THAT(ids_of({{"part", long_text('x')}}), ElementsAre(kLongRow));
  EXPECT_THAT(ids_of({{"part", long_text('y')}}), IsEmpty());
  EXPECT_THAT(ids_of({{"any_case", long_text('X')}}), ElementsAre(kLongRow));
  EXPECT_THAT(ids_of({{"any_case", long_text('y')}}), IsEmpty());
  const std::string nearly = std::string(kLongText - 1, 'a') + "b";
  EXPECT_THAT(ids_of({{"part", nearly}}), IsEmpty());
  EXPECT_THAT(ids_of({{"any_case", nearly}}), IsEmpty());
  EXPECT_THAT(ids_of({{"part", std::string(kLongText, 'a')}}), SizeIs(kRows / kLongEach));
  const json all = {{"part", std::string(30U << 10, 'a')}, {"any_case", std::string(30U << 10, 'a')}};
  EXPECT_THAT(ids_of(all), IsEmpty());
}

TEST_P(LargeRequests, Contains_TextTooLongForAUrl_Is414) {
  EXPECT_EQ(client_->get("/v1/endpoints/find?part=" + std::string(kLongText, 'a')).status, 414);
  HttpClient again(server_->api_port());
  EXPECT_EQ(again.get("/v1/endpoints/find?part=" + std::string(7U << 10, 'a') + "&limit=1").status, 200);
}

TEST_P(LargeRequests, List_OfAThousandValues_IsAnsweredAndOneMoreIsRefused) {
  EXPECT_THAT(ids_of({{"ids", numbers(500, 1000)}}), SizeIs(1000));
  json texts = json::array();
  for (int i = 0; i < 1000; ++i) texts.push_back(std::string(1 + i % 20, 'a') + std::to_string(i));
  texts[500] = std::string(10, 'a');
  EXPECT_THAT(ids_of({{"ids", numbers(0, 1000)}, {"texts", texts}}), SizeIs(11));
  const Answer refused = post(json{{"ids", numbers(0, 1001)}}.dump());
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(json::parse(refused.body, nullptr, false)["error"]["param"], "ids");
  std::string most = "{\"ids\":[1";
  while (most.size() < kMaxBody - 4) most += ",1";
  expect_refused(most + "]}", 422, "invalid_param");
}

TEST_P(LargeRequests, Brackets_OfAWholeBody_AreRefused) {
  for (const auto& [open, close] : {std::pair("", ""), std::pair("{\"ids\":", "}"),
                                    std::pair("{\"ids\":[1,", "]}"), std::pair("{\"nobody\":", "}")}) {
    expect_refused(nested(open, close), 400, "bad_request");
    expect_refused(std::string(open) + std::string(kMaxBody - 20, '['), 400, "bad_request");
    expect_refused(std::string(open) + std::string(kMaxBody - 20, '{'), 400, "bad_request");
  }
  std::string objects;
  while (objects.size() + 6 < kMaxBody) objects += "{\"a\":";
  expect_refused(objects, 400, "bad_request");
  for (const auto& [open, close] :
       {std::pair("", ""), std::pair("{\"requests\":", "}"), std::pair("{\"requests\":[", "]}"),
        std::pair("{\"requests\":[{\"endpoint\":\"find\",\"id\":", "}]}")}) {
    expect_refused(nested(open, close), 422, "invalid_param", "/v1/batch");
    expect_refused(std::string(open) + std::string(kMaxBody - 80, '['), 422, "invalid_param", "/v1/batch");
  }
  expect_refused(objects, 422, "invalid_param", "/v1/batch");
  const Answer alone = post(nested("{\"requests\":[{\"endpoint\":\"find\",\"params\":", "}]}"), "/v1/batch");
  EXPECT_EQ(alone.status, 200) << alone.body;
  EXPECT_EQ(json::parse(alone.body, nullptr, false)["results"][0]["status"], 400);
  EXPECT_THAT(ids_of({{"ids", {3}}}), ElementsAre(3)) << "the next request is answered";
}

INSTANTIATE_TEST_SUITE_P(Server, LargeRequests, ::testing::Bool(),
                         [](const auto& one) { return one.param ? "WithIndex" : "WithoutIndex"; });

}  // namespace
}  // namespace offloader::app
