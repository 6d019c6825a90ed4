// Pages by cursor through the running server (consumer-api.md, "Cursors").

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "cursor_project.h"
#include "offloader/base/testing/temporary_folder.h"
#include "test_server.h"

namespace offloader::app {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

json parsed(const Answer& answer) {
  return json::parse(answer.body, nullptr, false);
}

class CursorPages : public ::testing::TestWithParam<bool> {
 protected:
  void start(const std::vector<items::Item>& rows) {
    items::write_project(project());
    items::publish(project(), 1, rows);
    server_ =
        std::make_unique<TestServer>(project(), folder_.path() / "cache",
                                     TestServerOptions{.use_index = GetParam(), .admin_token = "token"});
    ASSERT_TRUE(server_->started()) << server_->failure();
    ASSERT_TRUE(server_->await_ready()) << server_->failure();
    client_ = std::make_unique<HttpClient>(server_->api_port());
  }
  void swap(int number, const std::vector<items::Item>& rows) {
    items::publish(project(), number, rows);
    ASSERT_TRUE(server_->refresh("items")) << server_->failure();
  }

  Answer get(const std::string& endpoint, const std::string& query = "", const std::string& tenant = "a") {
    return client_->get("/v1/endpoints/" + endpoint + (query.empty() ? "" : "?" + query),
                        {"authorization: Bearer " + items::token_of(tenant)});
  }
  Answer post(const std::string& target, const json& body, const std::string& tenant = "a") {
    return client_->send(
        "POST", target,
        {"authorization: Bearer " + items::token_of(tenant), "content-type: application/json"}, body.dump());
  }

  // Returns the rows of the whole answer.
  json all(const std::string& endpoint, const std::string& query = "") {
    const json body = parsed(get(endpoint, "limit=100000" + (query.empty() ? "" : "&" + query)));
    return body.contains("data") ? body["data"] : body;
  }

  // Returns the rows of all pages of `size` rows.
  json walk(const std::string& endpoint, std::size_t size, const std::string& query = "") {
    json rows = json::array();
    std::string next;
    for (int pages = 0; pages < 10'000; ++pages) {
      const json body =
          parsed(get(endpoint, "limit=" + std::to_string(size) + (query.empty() ? "" : "&" + query) +
                                   (next.empty() ? "" : "&cursor=" + next)));
      if (!body.contains("data")) return body;
      for (const json& row : body["data"]) rows.push_back(row);
      const json& meta = body["meta"];
      if (meta["has_more"] == meta["next_cursor"].is_null()) return body;
      if (meta["next_cursor"].is_null()) return rows;
      if (body["data"].size() != size) return body;
      next = meta["next_cursor"].get<std::string>();
    }
    return "endless";
  }

  std::string cursor_after(const std::string& endpoint, const std::string& query,
                           const std::string& tenant = "a") {
    const json body = parsed(get(endpoint, query, tenant));
    return body.contains("meta") ? body["meta"].value("next_cursor", "") : body.dump();
  }

  [[nodiscard]] std::filesystem::path project() const { return folder_.path() / "project"; }

  TemporaryFolder folder_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<HttpClient> client_;
};

TEST_P(CursorPages, Walk_EveryPageSize_GivesEveryRowOnce) {
  ASSERT_NO_FATAL_FAILURE(start(items::random_items(1, 120)));
  for (const std::string& endpoint : items::endpoints()) {
    const json whole = all(endpoint);
    ASSERT_TRUE(whole.is_array()) << whole;
    ASSERT_GT(whole.size(), 5U);
    for (std::size_t size = 1; size <= whole.size() + 1; size += 1 + size / 4) {
      const json rows = walk(endpoint, size);
      ASSERT_EQ(rows, whole) << endpoint << " by " << size;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, CursorPages, ::testing::Bool(), [](const auto& param) {
  return param.param ? std::string("Index") : std::string("DuckDB");
});

}  // namespace
}  // namespace offloader::app
