// Answers in the format that the caller asks for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accept.h"
#include "next_target.h"
#include "tests/api_scene.h"

namespace offloader::api {
namespace {

using catalog::Format;
using ::testing::HasSubstr;

std::optional<Format> chosen(std::optional<std::string_view> accept) {
  constexpr std::array kOffered = {Format::json, Format::csv, Format::ndjson};
  return choose_format(accept, kOffered);
}

TEST(Accept, Choose_HighestQuality_AndOfEqualsTheFirst) {
  EXPECT_EQ(chosen(std::nullopt), Format::json);
  EXPECT_EQ(chosen(""), Format::json);
  EXPECT_EQ(chosen("*/*"), Format::json);
  EXPECT_EQ(chosen("text/csv"), Format::csv);
  EXPECT_EQ(chosen("Text/CSV;header=present"), Format::csv);
  EXPECT_EQ(chosen("application/x-ndjson, text/csv"), Format::csv);
  EXPECT_EQ(chosen("application/x-ndjson, text/csv;q=0.9"), Format::ndjson);
  EXPECT_EQ(chosen("text/html, application/xhtml+xml, */*;q=0.8"), Format::json);
  EXPECT_EQ(chosen("text/*, application/json;q=0.5"), Format::csv);
}

TEST(Accept, Choose_MoreExactRange_Decides) {
  EXPECT_EQ(chosen("*/*, application/json;q=0"), Format::csv);
  EXPECT_EQ(chosen("text/csv;q=0, text/*, */*;q=0.1"), Format::json);
  EXPECT_EQ(chosen("application/json;q=0.2, application/*;q=0.9"), Format::ndjson);
}

TEST(Accept, Choose_NothingAcceptable_IsNone) {
  EXPECT_EQ(chosen("text/html"), std::nullopt);
  EXPECT_EQ(chosen("*/*;q=0"), std::nullopt);
  EXPECT_EQ(chosen("text/csv;q=nine"), std::nullopt);
  EXPECT_EQ(chosen("application/x"), std::nullopt);
}

TEST(NextTarget, Offset_ReplacesWhatSaysWhereThePageBegins) {
  EXPECT_EQ(next_target("/v1/endpoints/e", "offset"), "/v1/endpoints/e?offset=");
  EXPECT_EQ(next_target("/v1/endpoints/e?a=1&offset=20&&b=%22>", "offset"),
            "/v1/endpoints/e?a=1&b=%22%3E&offset=");
  EXPECT_EQ(next_target("/e?off%73et=1&cursor=x", "cursor"), "/e?cursor=");
}

class Formats : public ::testing::Test {
 protected:
  Formats() {
    ApiScene::Files files = ApiScene::files();
    files["endpoints/cached.yml"] =
        ApiScene::endpoint("cached", "plain",
                           "cache: {policy: snapshot}\nformats: [csv, ndjson]\ntotals: [rows]\npagination: "
                           "{default_limit: 2, max_offset: 3}\n");
    scene_.serve(files);
  }
  // Answers the next query with these rows; `n` of them.
  std::shared_ptr<FakeAnswer> asked(const std::string& target, FakeRequest::Headers headers = {}) {
    auto answer = scene_.get(target, "token-app", std::move(headers));
    if (answer->status == 0) scene_.executor.answer(queries_++, std::string("7"));
    return answer;
  }

  ApiScene scene_;
  std::size_t queries_ = 0;
};

constexpr const char* kCached = "/v1/endpoints/cached";

TEST_F(Formats, Param_ChoosesBeforeAccept) {
  const auto answer = asked(std::string(kCached) + "?format=csv", {{"accept", "application/x-ndjson"}});
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "n\r\n7\r\n");
  EXPECT_EQ(answer->header("content-type"), "text/csv; charset=utf-8; header=present");
  EXPECT_EQ(answer->header("content-disposition"), "attachment; filename=\"cached-s1.csv\"");
  EXPECT_THAT(answer->header("vary"), HasSubstr("Accept, "));
}

TEST_F(Formats, Accept_ChoosesWithoutParam) {
  EXPECT_EQ(asked(kCached, {{"accept", "application/x-ndjson"}})->body, "{\"n\":7}\n");
  EXPECT_EQ(asked(kCached, {{"accept", "text/html"}})->status, 406);
  const auto json = asked(kCached);
  EXPECT_EQ(json->header("content-type"), "application/json");
  EXPECT_EQ(json->header("content-disposition"), "");
}

TEST_F(Formats, Facts_AreInHeadersOfEveryFormat) {
  for (const char* const format : {"json", "csv", "ndjson"}) {
    const auto answer = asked(std::string(kCached) + "?format=" + format);
    EXPECT_EQ(answer->header("offloader-snapshot"), "s1");
    EXPECT_EQ(answer->header("offloader-watermark"), "2026-01-01T00:00:00Z");
    EXPECT_EQ(answer->header("offloader-stale"), "false");
    EXPECT_EQ(answer->header("offloader-has-more"), "false");
    EXPECT_EQ(answer->header("link"), "");
  }
}

TEST_F(Formats, Etag_DiffersByFormat_AndOnlyJsonIsCached) {
  const auto json = asked(kCached);
  const auto csv = asked(std::string(kCached) + "?format=csv");
  EXPECT_NE(json->header("etag"), csv->header("etag"));
  EXPECT_EQ(asked(std::string(kCached) + "?format=json")->header("etag"), json->header("etag"));
  EXPECT_EQ(queries_, 2U) << "the second JSON answer is a hit";
  asked(std::string(kCached) + "?format=csv");
  EXPECT_EQ(queries_, 3U);
  EXPECT_EQ(asked(std::string(kCached) + "?format=csv", {{"if-none-match", csv->header("etag")}})->status,
            304);
}

TEST_F(Formats, Refusals_SayWhatIsOffered) {
  const auto unknown = asked(std::string(kCached) + "?format=arrow");
  EXPECT_EQ(unknown->status, 422);
  EXPECT_TRUE(unknown->has(R"("param":"format","allowed":["json","csv","ndjson"])")) << unknown->body;
  EXPECT_EQ(asked(std::string(kCached) + "?format=csv&format=csv")->status, 422);
  EXPECT_EQ(asked(std::string(kCached) + "?format=csv&totals=rows")->status, 422);
  EXPECT_EQ(asked("/v1/endpoints/fresh?format=json")->status, 422) << "it has no such param";
  EXPECT_EQ(asked("/v1/endpoints/fresh", {{"accept", "text/csv"}})->status, 200) << "nor looks at Accept";
}

TEST_F(Formats, Post_TakesTheFormatFromItsBody) {
  const auto answer = scene_.post(kCached, R"({"format":"csv"})");
  scene_.executor.answer(queries_++, std::string("7"));
  EXPECT_EQ(answer->body, "n\r\n7\r\n");
}

TEST_F(Formats, Batch_IsJson) {
  const auto answer =
      scene_.post("/v1/batch", R"({"requests":[{"endpoint":"cached","params":{"format":"csv"}}]})");
  EXPECT_TRUE(answer->has("must be json in a batch")) << answer->body;
  EXPECT_TRUE(answer->has(R"("param":"format")")) << answer->body;
}

TEST_F(Formats, Compression_IsThatOfTheFormat) {
  const auto answer =
      scene_.get(std::string(kCached) + "?format=csv", "token-app", {{"accept-encoding", "gzip"}});
  scene_.executor.answer(queries_++, "\"" + std::string(5000, 'x') + "\"");
  EXPECT_EQ(answer->header("content-encoding"), "gzip");
}

}  // namespace
}  // namespace offloader::api
