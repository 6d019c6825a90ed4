// What requests with a cursor may be, through the running server (consumer-api.md, "Cursors").

#include <gmock/gmock.h>

#include "cursor_scene.h"
#include "offloader/base/file.h"

namespace offloader::app {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class CursorRequests : public CursorScene {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(start(items::random_items(1, 120))); }

  static std::vector<std::string> params_of(const json& body) {
    std::vector<std::string> params;
    if (!body.contains("error")) return params;
    const json& error = body["error"];
    if (!error.contains("problems")) return {error.value("param", "")};
    for (const json& problem : error["problems"]) params.push_back(problem.value("param", ""));
    return params;
  }
  // Expects a 422 because of the param `cursor` alone.
  void expect_refused(const std::string& endpoint, const std::string& query,
                      const std::string& tenant = "a") {
    const Answer answer = get(endpoint, query, tenant);
    EXPECT_EQ(answer.status, 422) << endpoint << "?" << query << " " << answer.body;
    const json body = parsed(answer);
    EXPECT_THAT(params_of(body), ElementsAre("cursor")) << answer.body;
    EXPECT_EQ(body["error"]["family"], "invalid_param");
    EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
    const std::string cursor = query.substr(query.find("cursor=") + 7);
    if (cursor.size() > 10) {
      EXPECT_THAT(answer.body, Not(HasSubstr(cursor)));
    }
  }
  // Rows `first` up to `last` of the whole answer.
  json slice(const std::string& endpoint, std::size_t first, std::size_t last,
             const std::string& query = "") {
    const json whole = all(endpoint, query);
    json rows = json::array();
    for (std::size_t i = first; i < std::min(last, whole.size()); ++i) rows.push_back(whole[i]);
    return rows;
  }
};

TEST_P(CursorRequests, Cursor_ChangedOrForeign_Is422) {
  const std::string cursor = cursor_after("up", "limit=5");
  ASSERT_EQ(get("up", "cursor=" + cursor).status, 200);
  for (std::size_t size = 0; size < cursor.size(); size += 7)
    expect_refused("up", "cursor=" + cursor.substr(0, size));
  for (std::size_t at = 0; at < cursor.size(); at += 5) {
    std::string changed = cursor;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    expect_refused("up", "cursor=" + changed);
  }
  for (const char* const end : {"A", "AAAA", "=", "%7F", "%20", "."})
    expect_refused("up", "cursor=" + cursor + end);
  expect_refused("up", "cursor=" + cursor, "b");
  for (const char* const other : {"down", "mixed", "strict", "kinds", "sorted"})
    expect_refused(other, "cursor=" + cursor);
  expect_refused("up", "columns=kind&cursor=" + cursor);
  expect_refused("up", "cursor=" + std::string(5000, 'A'));
}

TEST_P(CursorRequests, Cursor_OtherParams_Is422) {
  const std::string sent = "sort=-price,size&least=0&kinds=p,q";
  const std::string cursor = cursor_after("sorted", sent + "&limit=3");
  ASSERT_EQ(get("sorted", sent + "&cursor=" + cursor).status, 200) << cursor;
  for (const char* const other :
       {"", "sort=-price,size&least=0&", "sort=-price,size&least=1&kinds=p,q&", "least=0&kinds=p,q&",
        "sort=price,size&least=0&kinds=p,q&", "sort=-price,size&least=0&kinds=q,p&",
        "sort=-price,size&least=0&kinds=p,q,r&", "sort=-price,size&least=0&kinds=p,q&columns=id&"})
    expect_refused("sorted", std::string(other) + "cursor=" + cursor);
}

TEST_P(CursorRequests, Cursor_LimitAndOrderOfParams_MayChange) {
  const std::string sent = "sort=-price,size&least=0&kinds=p,q,r";
  const std::string cursor = cursor_after("sorted", sent + "&limit=3");
  const json rest = slice("sorted", 3, 10, sent);
  ASSERT_EQ(rest.size(), 7U);
  for (const std::string& query :
       {sent + "&limit=7&cursor=" + cursor, "cursor=" + cursor + "&limit=7&" + sent,
        "limit=7&kinds=p%2Cq%2Cr&cursor=" + cursor + "&least=0&sort=-price%2Csize",
        "limit=7&kinds=p&kinds=q&kinds=r&cursor=" + cursor + "&least=0&sort=-price,size"}) {
    const Answer answer = get("sorted", query);
    EXPECT_EQ(answer.status, 200) << query << answer.body;
    EXPECT_EQ(parsed(answer)["data"], rest) << query;
  }
}

TEST_P(CursorRequests, Cursor_WithOtherMistakes_TellsAll) {
  const std::string cursor = cursor_after("up", "limit=5");
  EXPECT_THAT(params_of(parsed(get("up", "cursor=" + cursor + "&offset=2"))), ElementsAre("offset"));
  EXPECT_THAT(params_of(parsed(get("up", "cursor=" + cursor + "&offset=0"))), ElementsAre("offset"));
  const json body = parsed(get("up", "cursor=none&offset=0&limit=0&columns=nothing"));
  EXPECT_THAT(params_of(body), UnorderedElementsAre("cursor", "offset", "limit", "columns"));
  EXPECT_THAT(body.dump(), Not(HasSubstr("none")));
  EXPECT_EQ(get("up", "cursor=" + cursor + "&cursor=" + cursor).status, 422);
  EXPECT_THAT(params_of(parsed(post("up", {{"cursor", 5}, {"limit", 0}}))),
              UnorderedElementsAre("cursor", "limit"));
  EXPECT_EQ(post("up", {{"cursor", {cursor}}}).status, 422);
}

TEST_P(CursorRequests, Endpoint_WithoutCursors_KnowsNone) {
  Answer answer = get("whole", "limit=2");
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(parsed(answer)["meta"].contains("next_cursor"));
  EXPECT_FALSE(parsed(answer)["meta"].contains("snapshot_changed"));
  EXPECT_EQ(answer.headers["link"], "</v1/endpoints/whole?limit=2&offset=2>; rel=\"next\"");
  EXPECT_EQ(get("whole", "cursor=" + cursor_after("up", "limit=5")).status, 422);
}

TEST_P(CursorRequests, Cursor_OffsetOfTheFirstPage_IsWhereTheWalkBegan) {
  for (const std::string& endpoint : items::endpoints()) {
    const std::string cursor = cursor_after(endpoint, "limit=2&offset=3");
    EXPECT_EQ(parsed(get(endpoint, "limit=4&cursor=" + cursor))["data"], slice(endpoint, 5, 9)) << endpoint;
  }
}

TEST_P(CursorRequests, Contract_Changed_Is410AfterTheParams) {
  const std::string cursor = cursor_after("up", "limit=5");
  std::string text = read_file(project() / "endpoints/up.yml", 1 << 20).value();
  const auto at = text.find("version: 1");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 10, "version: 2");
  ASSERT_TRUE(write_file_atomically(project() / "endpoints/up.yml", text));
  ASSERT_EQ(operate("/config/reload").status, 200);
  const Answer answer = get("up", "limit=3&cursor=" + cursor);
  EXPECT_EQ(answer.status, 410) << answer.body;
  const json error = parsed(answer)["error"];
  EXPECT_EQ(error["family"], "cursor_expired");
  EXPECT_THAT(error["message"].get<std::string>(), Not(HasSubstr(cursor)));
  EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
  EXPECT_EQ(get("up", "limit=0&cursor=" + cursor).status, 422);
  EXPECT_EQ(get("up", "offset=1&cursor=" + cursor).status, 422);
  EXPECT_EQ(get("up", "limit=3&cursor=" + cursor, "b").status, 422);
  EXPECT_EQ(get("up", "limit=3&cursor=" + cursor_after("up", "limit=5")).status, 200);
}

TEST_P(CursorRequests, Post_WithACursor_GoesOn) {
  const json first = parsed(post("sorted", {{"least", 0}, {"kinds", {"p", "q", "r"}}, {"limit", 3}}));
  ASSERT_TRUE(first["meta"]["next_cursor"].is_string()) << first;
  const json cursor = first["meta"]["next_cursor"];
  const json rest = slice("sorted", 3, 7, "least=0&kinds=p,q,r");
  const Answer second =
      post("sorted",
           {{"cursor", cursor}, {"limit", 4}, {"kinds", {"p", "q", "r"}}, {"sort", nullptr}, {"least", 0}});
  EXPECT_EQ(parsed(second)["data"], rest) << second.body;
  EXPECT_FALSE(second.headers.contains("link"));
  EXPECT_EQ(second.headers.at("cache-control"), "no-store");
  // A GET with the same params goes on after a POST.
  EXPECT_EQ(parsed(get("sorted", "least=0&kinds=p,q,r&limit=4&cursor=" + cursor.get<std::string>()))["data"],
            rest);
}

TEST_P(CursorRequests, Batch_WithCursors_AnswersEachAsAlone) {
  const std::string up = cursor_after("up", "limit=5");
  const std::string kinds = cursor_after("kinds", "limit=2");
  const json requests = {{"requests",
                          {{{"endpoint", "up"}, {"params", {{"limit", 3}, {"cursor", up}}}},
                           {{"endpoint", "kinds"}, {"params", {{"limit", 3}, {"cursor", kinds}}}},
                           {{"endpoint", "down"}, {"params", {{"cursor", up}}}},
                           {{"endpoint", "up"}, {"params", {{"offset", 1}, {"cursor", up}}}}}}};
  const Answer answer =
      client_->send("POST", "/v1/batch", {key_of("a"), "content-type: application/json"}, requests.dump());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const json results = parsed(answer)["results"];
  EXPECT_EQ(results[0]["body"]["data"], slice("up", 5, 8));
  EXPECT_EQ(results[1]["body"]["data"], slice("kinds", 2, 5));
  EXPECT_EQ(results[2]["status"], 422);
  EXPECT_EQ(results[2]["body"]["error"]["param"], "cursor");
  EXPECT_EQ(results[3]["status"], 422);
  EXPECT_EQ(results[3]["body"]["error"]["param"], "offset");
  const std::string next = results[0]["body"]["meta"]["next_cursor"].get<std::string>();
  EXPECT_EQ(parsed(get("up", "limit=4&cursor=" + next))["data"], slice("up", 8, 12));
  EXPECT_FALSE(answer.headers.contains("link"));
}

INSTANTIATE_TEST_SUITE_P(Engines, CursorRequests, ::testing::Bool(), engine_name);

}  // namespace
}  // namespace offloader::app
