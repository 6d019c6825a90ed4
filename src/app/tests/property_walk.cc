#include "property_walk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "offloader/executor/testing/same_rows.h"

namespace offloader::app {

namespace model = executor::testing::model;

namespace {

// An answer may have 100,000 buckets that were added, and a page may have one row.
constexpr int kMostPages = 60;

}  // namespace

std::string data_of(const std::string& body) {
  const auto meta = body.rfind(",\"meta\":");
  return body.starts_with("{\"data\":") && meta != std::string::npos ? body.substr(8, meta - 8) : "";
}

std::string totals_of(const std::string& body) {
  constexpr std::string_view kMember = ",\"totals\":";
  const auto meta = std::min(body.rfind(",\"meta\":"), body.size());
  const auto at = body.find(kMember, meta);
  if (at == std::string::npos) return "";
  const auto end = body.rfind(",\"serving_mode\":");
  return body.substr(at + kMember.size(), end - at - kMember.size());
}

void check_walk(const model::Table& table, const model::Endpoint& endpoint, model::Query query,
                const std::string& tenant, const Callers& callers, HttpClient& client, model::Random& random,
                Tally& tally) {
  std::erase_if(query, [](const auto& param) { return param.first == "limit" || param.first == "offset"; });
  model::Endpoint unlimited = endpoint;
  unlimited.default_limit = 1 << 30;
  const model::Expected whole = model::evaluate(table, unlimited, query, tenant);
  if (whole.status != 200) return;
  const auto most = static_cast<std::uint64_t>(
      std::min(endpoint.max_limit, random() % 2 == 0 ? 3 + whole.row_count / 20 : endpoint.max_limit));
  std::string rows;
  std::string cursor;
  std::int64_t given = 0;
  int pages = 0;
  do {
    const auto size = static_cast<std::int64_t>(1 + random() % most);
    model::Query page = query;
    page.emplace_back("limit", std::to_string(size));
    if (!cursor.empty()) page.emplace_back("cursor", cursor);
    const std::string target = "/v1/endpoints/" + endpoint.name + model::encode(page);
    const Answer answer = client.get(target, {callers.authorize(tenant, random)});
    ++tally.pages;
    ++pages;
    ASSERT_EQ(answer.status, 200) << target << " tenant " << tenant << "\n" << answer.body;
    const auto meta = nlohmann::json::parse(answer.body)["meta"];
    const std::int64_t count = std::min(size, whole.row_count - given);
    ASSERT_EQ(meta["row_count"], count) << target << " tenant " << tenant << " after " << given << "\n"
                                        << answer.body;
    const std::string data = data_of(answer.body);
    if (given > 0 && count > 0) rows += ",";
    rows += data.substr(1, data.size() - 2);
    given += count;
    ASSERT_EQ(meta["has_more"], given < whole.row_count) << target << " tenant " << tenant;
    ASSERT_EQ(meta["next_cursor"].is_string(), given < whole.row_count) << target << " tenant " << tenant;
    ASSERT_EQ(meta.contains("total_rows"), whole.total_rows.has_value());
    ASSERT_EQ(meta.value("total_rows", std::int64_t{-1}), whole.total_rows.value_or(-1)) << target;
    ASSERT_TRUE(model::same_totals(table, endpoint, totals_of(answer.body), whole.totals)) << target;
    cursor = given < whole.row_count ? meta["next_cursor"].get<std::string>() : "";
  } while (!cursor.empty() && pages < kMostPages);
  unlimited.default_limit = given;
  const std::string expected =
      cursor.empty() ? whole.data : model::evaluate(table, unlimited, query, tenant).data;
  ASSERT_TRUE(model::same_rows(table, endpoint, "[" + rows + "]", expected))
      << endpoint.name << model::encode(query) << " tenant " << tenant << "\nserved   [" << rows
      << "]\nexpected " << expected;
}

}  // namespace offloader::app
