#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cursor_project.h"
#include "offloader/base/testing/temporary_folder.h"
#include "test_server.h"

namespace offloader::app {

inline nlohmann::json parsed(const Answer& answer) {
  return nlohmann::json::parse(answer.body, nullptr, false);
}

// A running server over the project of items. The parameter says whether it has the index.
class CursorScene : public ::testing::TestWithParam<bool> {
 protected:
  using json = nlohmann::json;

  void start(const std::vector<items::Item>& rows) {
    items::write_project(project());
    items::publish(project(), 1, rows);
    boot();
  }
  // Starts the server over the project as it is.
  void boot() {
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
  Answer operate(const std::string& target) {
    return HttpClient(server_->admin_port()).send("POST", target, {"authorization: Bearer token"});
  }
  // Goes back to the previous snapshot, and quarantines the active one.
  void roll_back(bool force = false) {
    const Answer answer = operate(std::string("/datasets/items/rollback") + (force ? "?force=true" : ""));
    ASSERT_EQ(answer.status, 200) << answer.body;
  }

  static std::string path_of(const std::string& endpoint, const std::string& query = "") {
    return "/v1/endpoints/" + endpoint + (query.empty() ? "" : "?" + query);
  }
  static std::string key_of(const std::string& tenant) {
    return "authorization: Bearer " + items::token_of(tenant);
  }
  Answer get(const std::string& endpoint, const std::string& query = "", const std::string& tenant = "a") {
    return client_->get(path_of(endpoint, query), {key_of(tenant)});
  }
  // Sends a POST to an endpoint.
  Answer post(const std::string& endpoint, const json& params, const std::string& tenant = "a") {
    return client_->send("POST", path_of(endpoint), {key_of(tenant), "content-type: application/json"},
                         params.dump());
  }

  // Returns the rows of the whole answer; the body if it is an error.
  json all(const std::string& endpoint, const std::string& query = "") {
    const json body = parsed(get(endpoint, "limit=100000" + (query.empty() ? "" : "&" + query)));
    return body.contains("data") ? body["data"] : body;
  }

  // Returns the rows of all pages of `size` rows; the body that is wrong if one is.
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

  // Returns the cursor after the page of a request; the body if there is none.
  std::string cursor_after(const std::string& endpoint, const std::string& query,
                           const std::string& tenant = "a") {
    const Answer answer = get(endpoint, query, tenant);
    const json body = parsed(answer);
    return body.contains("meta") && body["meta"].contains("next_cursor") &&
                   body["meta"]["next_cursor"].is_string()
               ? body["meta"]["next_cursor"].get<std::string>()
               : answer.body;
  }

  [[nodiscard]] std::filesystem::path project() const { return folder_.path() / "project"; }

  TemporaryFolder folder_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<HttpClient> client_;
};

inline std::string engine_name(const ::testing::TestParamInfo<bool>& param) {
  return param.param ? "Index" : "DuckDB";
}

}  // namespace offloader::app
