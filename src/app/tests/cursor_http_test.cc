// Cursors and the rest of HTTP: Link, HEAD, ETag, the response cache, replicas (consumer-api.md, "Cursors").

#include <gmock/gmock.h>

#include <chrono>

#include "cursor_scene.h"
#include "offloader/base/base64url.h"
#include "offloader/base/seal.h"
#include "offloader/query/cursor.h"

namespace offloader::app {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

// Returns the target of a Link to the next page; empty if there is none.
std::string next_of(const Answer& answer) {
  const auto found = answer.headers.find("link");
  if (found == answer.headers.end()) return "";
  const std::string& link = found->second;
  const auto end = link.find(">; rel=\"next\"");
  return link.starts_with("<") && end != std::string::npos ? link.substr(1, end - 1) : "not a link: " + link;
}

class CursorHttp : public CursorScene {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(start(items::random_items(1, 120))); }

  // Returns the rows of all pages, from Link to Link.
  json follow(std::string target) {
    json rows = json::array();
    for (int pages = 0; pages < 1000 && !target.empty(); ++pages) {
      const Answer answer = client_->get(target, {key_of("a")});
      const json body = parsed(answer);
      if (!body.contains("data")) return target + " " + answer.body;
      for (const json& row : body["data"]) rows.push_back(row);
      target = next_of(answer);
      if (target.empty() == body["meta"]["has_more"].get<bool>()) return answer.body;
    }
    return rows;
  }
};

TEST_P(CursorHttp, Link_FollowedLiterally_GivesEveryPage) {
  EXPECT_EQ(follow(path_of("up", "limit=7")), all("up"));
  EXPECT_EQ(follow(path_of("kinds", "limit=2")), all("kinds"));
  const std::string sent = "kinds=p,q&sort=-price,%73ize&least=-1";
  const json whole = all("sorted", sent);
  ASSERT_GT(whole.size(), 10U);
  EXPECT_EQ(follow(path_of("sorted", "limit=5&" + sent)), whole);
  EXPECT_EQ(follow(path_of("sorted", "&&limit=5&" + sent + "&")), whole);
  EXPECT_EQ(follow(path_of("sorted", "kinds=p&limit=5&kinds=q&sort=-price&sort=size&least=-1")), whole);
  EXPECT_EQ(follow("/v1/endpoints/up/?limit=7"), all("up"));
  EXPECT_EQ(follow("/v1/endpoints/%75p?limit=7"), all("up"));
  // Without `limit`, and from an offset on.
  EXPECT_EQ(follow(path_of("up")), all("up"));
  json rest = all("up");
  rest.erase(0);
  EXPECT_EQ(follow(path_of("up", "offset=1&limit=9")), rest);
}

TEST_P(CursorHttp, Link_OnlyOfAGetWithMore) {
  const std::string size = std::to_string(all("up").size());
  EXPECT_FALSE(get("up", "limit=" + size).headers.contains("link"));
  EXPECT_TRUE(parsed(get("up", "limit=" + size))["meta"]["next_cursor"].is_null());
  EXPECT_FALSE(get("up", "offset=100000").headers.contains("link"));
  EXPECT_FALSE(post("up", {{"limit", 2}}).headers.contains("link"));
  EXPECT_FALSE(get("up", "cursor=x").headers.contains("link"));
  EXPECT_THAT(get("up", "limit=2").headers.at("link"),
              MatchesRegex("</v1/endpoints/up\\?limit=2&cursor=[A-Za-z0-9_-]+>; rel=\"next\""));
}

TEST_P(CursorHttp, Head_HasTheLinkOfTheGet) {
  for (const std::string& query :
       {std::string("limit=4"), "limit=4&cursor=" + cursor_after("up", "limit=3")}) {
    const Answer whole = get("up", query);
    const Answer head = client_->send("HEAD", path_of("up", query), {key_of("a")});
    EXPECT_EQ(head.status, 200);
    EXPECT_TRUE(head.body.empty());
    EXPECT_EQ(head.headers.at("link"), whole.headers.at("link"));
    EXPECT_EQ(head.headers.at("etag"), whole.headers.at("etag"));
  }
}

TEST_P(CursorHttp, IfNoneMatch_PageByCursor_Is304) {
  for (const char* const endpoint : {"up", "down", "kinds"}) {
    const std::string query = "limit=4&cursor=" + cursor_after(endpoint, "limit=3");
    const Answer page = get(endpoint, query);
    ASSERT_EQ(page.status, 200);
    const std::string tag = page.headers.at("etag");
    const auto asked = [&](const std::string& other) {
      return client_->get(path_of(endpoint, other), {key_of("a"), "if-none-match: " + tag});
    };
    const Answer unchanged = asked(query);
    EXPECT_EQ(unchanged.status, 304);
    EXPECT_TRUE(unchanged.body.empty());
    EXPECT_EQ(unchanged.headers.at("etag"), tag);
    // Another page has another tag, also the first one and those of another size.
    EXPECT_EQ(asked("limit=4").status, 200);
    EXPECT_EQ(asked("limit=5&cursor=" + cursor_after(endpoint, "limit=3")).status, 200);
    EXPECT_EQ(asked("limit=4&cursor=" + cursor_after(endpoint, "limit=2")).status, 200);
  }
}

TEST_P(CursorHttp, Cache_OtherSpelling_HasItsOwnCursor) {
  const std::string spelled = "columns=kind,size,price,day,ratio,id&";
  const json plain = parsed(get("up", "limit=5"));
  const json other = parsed(get("up", spelled + "limit=5"));
  EXPECT_EQ(plain["meta"]["cache"], "miss");
  EXPECT_EQ(other["meta"]["cache"], "hit");
  EXPECT_EQ(other["data"], plain["data"]);
  const std::string plain_next = plain["meta"]["next_cursor"].get<std::string>();
  const std::string other_next = other["meta"]["next_cursor"].get<std::string>();
  EXPECT_NE(plain_next, other_next);
  const json second = parsed(get("up", "limit=5&cursor=" + plain_next));
  const json same = parsed(get("up", spelled + "limit=5&cursor=" + other_next));
  EXPECT_EQ(second["meta"]["cache"], "miss");
  EXPECT_EQ(same["meta"]["cache"], "hit");
  EXPECT_EQ(same["data"], second["data"]);
  EXPECT_NE(second["data"], plain["data"]);
  EXPECT_EQ(get("up", spelled + "cursor=" + plain_next).status, 422);
  EXPECT_EQ(get("up", "cursor=" + other_next).status, 422);
  // The same page again, hit or not, has the same cursor.
  EXPECT_EQ(parsed(get("up", "limit=5"))["meta"]["next_cursor"], plain_next);
  EXPECT_EQ(parsed(get("down", "limit=5"))["meta"]["next_cursor"],
            parsed(get("down", "limit=5"))["meta"]["next_cursor"]);
}

TEST_P(CursorHttp, Cache_PageAfterAMove_KnowsItsPosition) {
  // A page begun at a cursor, and the same rows as a first page, may be one answer.
  const json begun = parsed(get("up", "limit=5&offset=5"));
  const json went_on = parsed(get("up", "limit=5&cursor=" + cursor_after("up", "limit=5")));
  ASSERT_EQ(begun["data"], went_on["data"]);
  for (const json& page : {begun, went_on}) {
    const json next = parsed(get("up", "limit=5&cursor=" + page["meta"]["next_cursor"].get<std::string>()));
    EXPECT_EQ(next["data"], parsed(get("up", "limit=5&offset=10"))["data"]);
  }
}

TEST_P(CursorHttp, Replica_SameSecret_MakesAndReadsTheSameCursor) {
  TestServer twin(project(), folder_.path() / "twin", {.use_index = !GetParam()});
  TestServer stranger(project(), folder_.path() / "stranger",
                      {.use_index = GetParam(), .secret_key_base = std::string(32, 'l')});
  for (TestServer* const server : {&twin, &stranger}) {
    ASSERT_TRUE(server->started()) << server->failure();
    ASSERT_TRUE(server->await_ready()) << server->failure();
  }
  HttpClient of_twin(twin.api_port());
  HttpClient of_stranger(stranger.api_port());
  for (const std::string& endpoint : items::endpoints()) {
    std::string cursor = cursor_after(endpoint, "limit=3");
    for (int i = 0; i < 3; ++i) {
      const std::string query = "limit=2&cursor=" + cursor;
      const Answer own = get(endpoint, query);
      const Answer theirs = of_twin.get(path_of(endpoint, query), {key_of("a")});
      ASSERT_EQ(theirs.status, 200) << theirs.body;
      EXPECT_EQ(parsed(theirs)["data"], parsed(own)["data"]);
      ASSERT_TRUE(parsed(own)["meta"]["next_cursor"].is_string()) << own.body;
      ASSERT_EQ(parsed(theirs)["meta"]["next_cursor"], parsed(own)["meta"]["next_cursor"]) << endpoint;
      EXPECT_EQ(theirs.headers.at("link"), own.headers.at("link"));
      const Answer refused = of_stranger.get(path_of(endpoint, query), {key_of("a")});
      EXPECT_EQ(refused.status, 422);
      EXPECT_EQ(parsed(refused)["error"]["param"], "cursor");
      cursor = parsed(own)["meta"]["next_cursor"].get<std::string>();
    }
  }
}

// A server cannot be told what day it is. So the test writes a cursor as the server would have written it on
// another day, and the pages must go on on that day.
TEST_P(CursorHttp, Today_PageOfAnotherDay_KeepsItsDay) {
  const Seal seal(std::string(32, 'k'), "cursor");
  const catalog::Tenant tenant = std::string("a");
  const auto opened = [&](const std::string& text, const query::Params& params) {
    const auto bytes =
        seal.open(from_base64url(text).value_or(""), query::cursor_binding("recent", tenant, params));
    return bytes ? query::decode_cursor(*bytes) : std::nullopt;
  };
  const auto made = opened(cursor_after("recent", "since=2026-01-01&limit=3"), {{"since", "2026-01-01"}});
  ASSERT_TRUE(made);
  const auto today = [] {
    return static_cast<std::int32_t>(
        std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()).time_since_epoch().count());
  };
  EXPECT_LE(made->moment.today, today());
  EXPECT_GE(made->moment.today, today() - 1);

  query::Cursor earlier = *made;
  earlier.moment.today = static_cast<std::int32_t>(
      std::chrono::sys_days{std::chrono::year(2026) / 1 / 5}.time_since_epoch().count());
  earlier.keys = {};
  earlier.equal = 0;
  earlier.position = 2;
  std::string cursor = to_base64url(seal.close(encode(earlier), query::cursor_binding("recent", tenant, {})));
  json whole = all("recent", "since=2026-01-03");
  ASSERT_GT(whole.size(), 10U);
  ASSERT_TRUE(all("recent").empty());
  whole.erase(0);
  whole.erase(0);
  json rows = json::array();
  while (!cursor.empty()) {
    const json body = parsed(get("recent", "limit=3&cursor=" + cursor));
    ASSERT_TRUE(body.contains("data")) << body;
    for (const json& row : body["data"]) rows.push_back(row);
    const json& next = body["meta"]["next_cursor"];
    cursor = next.is_null() ? "" : next.get<std::string>();
    if (cursor.empty()) break;
    const auto following = opened(cursor, {});
    ASSERT_TRUE(following);
    EXPECT_EQ(following->moment, earlier.moment);
  }
  EXPECT_EQ(rows, whole);
}

INSTANTIATE_TEST_SUITE_P(Engines, CursorHttp, ::testing::Bool(), engine_name);

}  // namespace
}  // namespace offloader::app
