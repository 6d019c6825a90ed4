#include "usage_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin_scene.h"
#include "offloader/base/timestamp.h"

namespace offloader::admin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const SystemTime kNow = *parse_iso8601("2026-01-31T12:34:56Z");

UsageRequest read(std::string_view query, std::optional<std::string_view> accept = std::nullopt) {
  auto request = read_usage_query(query, accept, kNow);
  if (!request) ADD_FAILURE() << query << ": " << request.error().message;
  return request.value_or(UsageRequest{});
}

usage::Report report() {
  const usage::Hour noon = std::chrono::floor<std::chrono::hours>(kNow);
  return {.lines = {{noon, "app", "acme", "orders", {3, 2, 1, 1, 70, 700, 35}},
                    {noon, "a,\"b\"", "", "_unknown", {0, 0, 1, 0, 0, 80, 0}}},
          .called = {"_unknown", "orders"}};
}

TEST(UsageQuery, Nothing_IsTheLast30DaysByKeyAndEndpoint) {
  const UsageRequest request = read("");
  EXPECT_EQ(to_rfc3339(request.question.from), "2026-01-01T12:00:00Z");
  EXPECT_EQ(to_rfc3339(request.question.to), "2026-01-31T13:00:00Z");
  EXPECT_THAT(request.by, ElementsAre("key", "endpoint"));
  EXPECT_TRUE(request.question.by_key && request.question.by_endpoint);
  EXPECT_FALSE(request.question.by_tenant || request.question.by_hour);
  EXPECT_EQ(request.format, UsageFormat::json);
}

TEST(UsageQuery, Times_AreDatesOrInstants_OfWholeHours) {
  const UsageRequest days = read("from=2026-01-01&to=2026-02-01");
  EXPECT_EQ(to_rfc3339(days.question.from), "2026-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(days.question.to), "2026-02-01T00:00:00Z");
  const UsageRequest instants = read("from=2026-01-01T02:30:00%2B01:00&to=2026-01-01T02:00:01Z");
  EXPECT_EQ(to_rfc3339(instants.question.from), "2026-01-01T01:00:00Z");
  EXPECT_EQ(to_rfc3339(instants.question.to), "2026-01-01T03:00:00Z");
}

TEST(UsageQuery, By_IsAnyOfItsWords) {
  const UsageRequest request = read("by=tenant,hour,tenant");
  EXPECT_THAT(request.by, ElementsAre("tenant", "hour"));
  EXPECT_TRUE(request.question.by_tenant && request.question.by_hour);
  EXPECT_FALSE(request.question.by_key || request.question.by_endpoint);
}

TEST(UsageQuery, Format_ByParam_ElseByAccept) {
  EXPECT_EQ(read("format=csv").format, UsageFormat::csv);
  EXPECT_EQ(read("", "text/csv").format, UsageFormat::csv);
  EXPECT_EQ(read("format=json", "text/csv").format, UsageFormat::json);
  EXPECT_EQ(read("", "*/*").format, UsageFormat::json);
}

TEST(UsageQuery, AnythingElse_IsRefusedWithItsParam) {
  const auto problem = [](std::string_view query) {
    const auto request = read_usage_query(query, std::nullopt, kNow);
    if (request || request.error().code != ErrorCode::invalid_param) return std::string("accepted");
    return request.error().problems == nullptr ? std::string() : request.error().problems->front().param;
  };
  EXPECT_EQ(problem("from=yesterday"), "from");
  EXPECT_EQ(problem("from=2026-02-30"), "from");
  EXPECT_EQ(problem("to=2026-01-01T00:00:00"), "to");
  EXPECT_EQ(problem("from=2026-02-01&to=2026-01-01"), "to");
  EXPECT_EQ(problem("from=2026-01-01&to=2026-01-01"), "to");
  EXPECT_EQ(problem("by="), "by");
  EXPECT_EQ(problem("by=key,status"), "by");
  EXPECT_EQ(problem("by=key&by=tenant"), "by");
  EXPECT_EQ(problem("format=xml"), "format");
  EXPECT_EQ(problem("secret=1"), "");
  EXPECT_EQ(problem("from=%"), "");
}

TEST(UsageReport, Json_HasTheColumnsAskedFor_AndEndpointsWithoutCalls) {
  EXPECT_EQ(
      usage_json(read("from=2026-01-01&to=2026-02-01&by=hour,key,tenant,endpoint"), report(),
                 {"items", "orders"}),
      R"({"from":"2026-01-01T00:00:00Z","to":"2026-02-01T00:00:00Z","by":["hour","key","tenant","endpoint"],)"
      R"("lines":[{"hour":"2026-01-31T12:00:00Z","key":"app","tenant":"acme","endpoint":"orders","requests":7,)"
      R"("requests_2xx":3,"requests_3xx":2,"requests_4xx":1,"requests_5xx":1,"rows":70,"bytes":700,)"
      R"("execution_us":35},{"hour":"2026-01-31T12:00:00Z","key":"a,\"b\"","tenant":null,)"
      R"("endpoint":"_unknown","requests":1,"requests_2xx":0,"requests_3xx":0,"requests_4xx":1,)"
      R"("requests_5xx":0,"rows":0,"bytes":80,"execution_us":0}],"endpoints_without_calls":["items"]})");
}

TEST(UsageReport, Csv_HasTheColumnsAskedFor) {
  EXPECT_EQ(
      usage_csv(read("by=tenant,key"), report()),
      "key,tenant,requests,requests_2xx,requests_3xx,requests_4xx,requests_5xx,rows,bytes,execution_us\r\n"
      "app,acme,7,3,2,1,1,70,700,35\r\n"
      "\"a,\"\"b\"\"\",,1,0,0,1,0,0,80,0\r\n");
}

TEST(UsageReport, Csv_TextThatSpreadsheetsWouldRun_IsGuarded) {
  usage::Report hostile = report();
  hostile.lines[0].tenant = "=1+1";
  hostile.lines[1].tenant = "@SUM(1,2)";
  const std::string csv = usage_csv(read("by=tenant"), hostile);
  EXPECT_THAT(csv, HasSubstr("\r\n'=1+1,7,"));
  EXPECT_THAT(csv, HasSubstr("\r\n\"'@SUM(1,2)\",1,"));
}

TEST(UsageRoute, NeedsTheToken_AnswersJsonAndCsv) {
  AdminScene scene;
  scene.operations.on_usage = [](const usage::Question&) { return report(); };
  EXPECT_EQ(scene.call("GET", "/usage", "").status, 401);
  EXPECT_EQ(scene.call("GET", "/usage", "wrong").status, 401);
  EXPECT_EQ(scene.call("POST", "/usage").status, 405);
  const FakeAnswer json = scene.call("GET", "/usage");
  EXPECT_EQ(json.status, 200);
  EXPECT_EQ(json.header("content-type"), "application/json");
  EXPECT_EQ(json.json()["lines"].size(), 2U);
  const FakeAnswer csv = scene.call("GET", "/usage?format=csv");
  EXPECT_THAT(csv.header("content-type"), HasSubstr("text/csv"));
  EXPECT_THAT(csv.body, HasSubstr("\r\napp,orders,7,"));
  EXPECT_THAT(scene.call("GET", "/usage?format=xml").body, HasSubstr("must be one of json, csv\""));
  const FakeAnswer wrong = scene.call("GET", "/usage?by=tenants");
  EXPECT_THAT(wrong.body, HasSubstr("must be one of key, endpoint, tenant, hour, or several"));
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(wrong.json()["error"]["family"], "invalid_param");
  EXPECT_EQ(wrong.json()["error"]["param"], "by");
  EXPECT_EQ(wrong.json()["error"]["allowed"].size(), 4U);
}

TEST(UsageRoute, ErrorsOfTheLedger_AreThoseOfThePort) {
  AdminScene scene;
  scene.operations.on_usage = [](const usage::Question&) -> Result<usage::Report> {
    return fail(ErrorCode::conflict, "there is no usage ledger");
  };
  EXPECT_EQ(scene.call("GET", "/usage").status, 409);
  scene.operations.on_usage = [](const usage::Question&) -> Result<usage::Report> {
    return fail(ErrorCode::unavailable, "acme", "acme");
  };
  const FakeAnswer answer = scene.call("GET", "/usage");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body.find("acme"), std::string::npos);
}

}  // namespace
}  // namespace offloader::admin
