// What a request chooses among what its contract lists: grouping, order and totals.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "contract.h"
#include "offloader/query/compiler.h"
#include "offloader/query/describe.h"

namespace offloader::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kDataset =
    "id: d\nmanifest: m.json\nschema:\n  - {name: day, type: DATE}\n  - {name: country, type: VARCHAR}\n"
    "  - {name: device, type: VARCHAR}\n  - {name: units, type: BIGINT}\n";

// `fields` are more fields of the endpoint, `query` more fields of its query.
Contract contract_of(const std::string& fields, const std::string& query) {
  return load_contract(
      kDataset,
      "name: e\nversion: 1\ndataset: d\nparams:\n  - {name: since, type: date}\nquery:\n  select:\n"
      "    - {as: day, column: day}\n    - {as: country, column: country}\n    - {as: device, column: "
      "device}\n"
      "    - {as: total, column: units, agg: sum}\n  filters: [{column: day, op: gte, param: since}]\n" +
          query + "columns: [day, country, device, total]\n" + fields);
}

constexpr const char* kChoose = "  group_by: {choose: [day, country, device], default: [day], max: 2}\n";
constexpr const char* kOffers = "sortable: [day, total, country]\ntotals: [rows, grand]\n";

std::shared_ptr<const Compiler> compiler_of(const Contract& contract) {
  return make_compiler(contract.endpoint, contract.dataset);
}

Plan planned(const Compiler& compiler, const Params& params) {
  auto plan = compiler.compile(params, std::nullopt);
  if (!plan) throw std::invalid_argument(plan.error().message);
  return *plan;
}

Plan planned(const Compiler& compiler, std::string_view query) {
  return planned(compiler, *decode_query_string(query));
}

std::string canonical(const Compiler& compiler, std::string_view query) {
  std::string out;
  append_canonical(out, planned(compiler, query));
  return out;
}

std::vector<Problem> problems_of(const Compiler& compiler, std::string_view query) {
  const auto plan = compiler.compile(*decode_query_string(query), std::nullopt);
  return plan ? std::vector<Problem>() : *plan.error().problems;
}

std::vector<std::string> columns_of(const Plan& plan) {
  std::vector<std::string> names;
  for (const std::size_t column : plan.columns) names.push_back(plan.shape->projections[column].as);
  return names;
}

TEST(Choice, Compile_ManyMistakes_TellsAllWithWhatIsAllowed) {
  const auto compiler =
      compiler_of(contract_of(std::string(kOffers) + "pagination: {max_offset: 9}\n", kChoose));
  const auto problems = problems_of(
      *compiler,
      "by=day&sort=country,price,day,-day&totals=rows,all,rows&columns=device,day&offset=10&limit=0");
  std::vector<std::string> told;
  for (const Problem& problem : problems) {
    std::string text = problem.param + ": " + problem.message + ":";
    for (const std::string& allowed : problem.allowed) text += " " + allowed;
    told.push_back(text);
  }
  EXPECT_THAT(told,
              ElementsAre("sort: param `sort` names a column that `by` does not choose: day total",
                          "sort: param `sort` names a column that the endpoint does not sort by: day total",
                          "sort: param `sort` names a column more than once:",
                          "totals: param `totals` must be one or more of its listed values: rows grand",
                          "totals: param `totals` names a total more than once:",
                          "limit: param `limit` must be a positive integer: >= 1 <= 100",
                          "offset: param `offset` may be at most 9: >= 0 <= 9",
                          "columns: param `columns` names a column that `by` does not choose: day total"));
}

TEST(Choice, Compile_WrongBy_BlamesNoOtherParamForIt) {
  const auto compiler = compiler_of(contract_of(kOffers, kChoose));
  const auto problems = problems_of(*compiler, "by=nobody&sort=country&columns=device");
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ(problems[0].param, "by");
  EXPECT_THAT(problems[0].allowed, ElementsAre("day", "country", "device"));
  const auto too_many = problems_of(*compiler, "by=day,country,device");
  ASSERT_THAT(too_many, SizeIs(1));
  EXPECT_THAT(too_many[0].allowed, ElementsAre("<= 2 columns"));
  EXPECT_THAT(problems_of(*compiler, "by=\"day"), SizeIs(1));
}

TEST(Choice, Compile_ParamThatTheEndpointDoesNotTurnOn_IsUndeclared) {
  const auto compiler = compiler_of(contract_of("", "  group_by: [day, country, device]\n"));
  for (const char* query : {"by=day", "sort=day", "totals=rows"}) {
    const auto problems = problems_of(*compiler, query);
    ASSERT_THAT(problems, SizeIs(1)) << query;
    EXPECT_THAT(problems[0].allowed, ElementsAre("since", "limit", "offset", "columns"));
  }
  const auto offering = compiler_of(contract_of(kOffers, kChoose));
  EXPECT_THAT(problems_of(*offering, "x=1")[0].allowed,
              ElementsAre("since", "limit", "offset", "columns", "by", "sort", "totals"));
}

TEST(Choice, Compile_OffersWithoutAggregates_NeedAColumnToGroupBy) {
  const Contract contract = load_contract(
      kDataset,
      "name: e\nversion: 1\ndataset: d\nquery:\n  select: [{as: day, column: day}, {as: country, "
      "column: country}]\n  group_by: {choose: [day, country], default: [day]}\ncolumns: [day, "
      "country]\n");
  const auto compiler = compiler_of(contract);
  EXPECT_THAT(problems_of(*compiler, "by="), SizeIs(1));
  EXPECT_THAT(columns_of(planned(*compiler, "by=country")), ElementsAre("country"));
}

TEST(Choice, Compile_FormsOfAList_MeanTheSame) {
  const auto compiler = compiler_of(contract_of(kOffers, kChoose));
  const std::string both = to_text(planned(*compiler, "by=country,day&sort=-total,day"));
  EXPECT_EQ(to_text(planned(*compiler, "by=country&sort=-total&by=day&sort=day")), both);
  EXPECT_EQ(to_text(planned(*compiler, "by=%22country%22,day&sort=%22-total%22,day")), both);
  const auto body = decode_json_params(R"({"by":["country","day"],"sort":["-total","day"]})");
  EXPECT_EQ(to_text(planned(*compiler, *body)), both);
  EXPECT_THAT(columns_of(planned(*compiler, *decode_json_params(R"({"by":[]})"))), ElementsAre("total"));
}

TEST(Choice, Compile_Columns_StayInTheOrderOfTheSelect) {
  const auto compiler = compiler_of(contract_of(kOffers, kChoose));
  EXPECT_THAT(columns_of(planned(*compiler, "by=device,country")), ElementsAre("country", "device", "total"));
  EXPECT_THAT(columns_of(planned(*compiler, "by=device,country&columns=total,device")),
              ElementsAre("device", "total"));
  const Plan plan = planned(*compiler, "columns=total&totals=grand");
  EXPECT_THAT(plan.total_columns, ElementsAre(0));
  EXPECT_THAT(planned(*compiler, "columns=day&totals=grand").total_columns, IsEmpty());
}

TEST(Choice, Compile_By_BreaksTiesInTheOrderGiven) {
  const auto compiler = compiler_of(contract_of(kOffers, kChoose));
  const auto order_of = [&](std::string_view query) {
    const Plan plan = planned(*compiler, query);
    std::vector<std::string> names;
    for (const OrderKey& key : plan.shape->order)
      names.push_back((key.descending ? "-" : "") + plan.shape->projections[key.projection].as);
    return names;
  };
  EXPECT_THAT(order_of("by=country,day"), ElementsAre("country", "day", "total"));
  EXPECT_THAT(order_of("by=day,country"), ElementsAre("day", "country", "total"));
  EXPECT_THAT(order_of("by=device,country&sort=-total"), ElementsAre("-total", "device", "country"));
}

TEST(Choice, Canonical_SameMeaning_IsTheSame) {
  const auto compiler = compiler_of(contract_of(kOffers, kChoose));
  EXPECT_EQ(canonical(*compiler, "by=day"), canonical(*compiler, ""));
  EXPECT_EQ(canonical(*compiler, "sort=day"), canonical(*compiler, "")) << "the order without `sort`";
  EXPECT_EQ(canonical(*compiler, "sort=day,total"), canonical(*compiler, "sort=day"));
  EXPECT_EQ(canonical(*compiler, "by=country,day&sort=day,country"),
            canonical(*compiler, "by=day,country&sort=day,country"));
  EXPECT_EQ(canonical(*compiler, "totals=rows,grand"), canonical(*compiler, "totals=grand&totals=rows"));
}

TEST(Choice, Canonical_OtherMeaning_IsDifferent) {
  const auto compiler = compiler_of(contract_of(kOffers, kChoose));
  const std::vector<const char*> queries = {"",
                                            "by=",
                                            "by=country",
                                            "by=device",
                                            "by=day,country",
                                            "by=country,day",
                                            "by=day,device",
                                            "by=country,device",
                                            "sort=-day",
                                            "sort=total",
                                            "sort=-total",
                                            "totals=rows",
                                            "totals=grand",
                                            "totals=rows,grand",
                                            "columns=day",
                                            "by=country&columns=country",
                                            "by=country&sort=-country",
                                            "since=2024-01-31&sort=-day",
                                            "since=2024-01-31"};
  std::set<std::string> forms;
  for (const char* query : queries) forms.insert(canonical(*compiler, query));
  EXPECT_EQ(forms.size(), queries.size());
}

TEST(Choice, Compile_SameChoice_SharesItsShape) {
  const auto compiler = compiler_of(contract_of(kOffers, kChoose));
  EXPECT_EQ(planned(*compiler, "by=country&sort=-total").shape,
            planned(*compiler, "by=country&sort=-total&limit=3").shape);
  EXPECT_EQ(planned(*compiler, "by=day").shape, planned(*compiler, "").shape);
  EXPECT_EQ(planned(*compiler, "totals=grand&by=country").totals, planned(*compiler, "totals=grand").totals);
  EXPECT_NE(planned(*compiler, "totals=grand&since=2024-01-31").totals,
            planned(*compiler, "totals=grand").totals);
}

// More orders than there are places for shapes.
TEST(Choice, Compile_ManyOrders_StayCorrectAndKeepTheStandardShape) {
  std::string select;
  std::string columns;
  for (int i = 0; i < 8; ++i) {
    select += "    - {as: c" + std::to_string(i) + ", column: units}\n";
    columns += (i == 0 ? "c" : ", c") + std::to_string(i);
  }
  const auto compiler =
      compiler_of(load_contract(kDataset, "name: e\nversion: 1\ndataset: d\nquery:\n  select:\n" + select +
                                              "columns: [" + columns + "]\nsortable: [" + columns + "]\n"));
  const auto standard = planned(*compiler, "").shape;
  std::vector<int> order = {0, 1, 2, 3, 4, 5, 6, 7};
  std::size_t checked = 0;
  do {
    std::string sort;
    for (const int column : order) sort += (sort.empty() ? "c" : ",-c") + std::to_string(column);
    const Plan plan = planned(*compiler, "sort=" + sort);
    for (std::size_t i = 0; i < order.size(); ++i) {
      ASSERT_EQ(plan.shape->order[i].projection, static_cast<std::size_t>(order[i]));
      ASSERT_EQ(plan.shape->order[i].descending, i > 0);
    }
  } while (std::next_permutation(order.begin(), order.end()) && ++checked < 3000);
  EXPECT_EQ(planned(*compiler, "").shape, standard);
}

TEST(Choice, PlanOfTotals_HasTheValuesOfThePlanAndOneRow) {
  const auto compiler = compiler_of(contract_of(kOffers, kChoose));
  const Plan plan = planned(*compiler, "totals=grand&since=2024-01-31&limit=5&offset=7");
  const Plan totals = plan_of_totals(plan);
  EXPECT_EQ(totals.values, plan.values);
  EXPECT_EQ(totals.limit, 1);
  EXPECT_EQ(totals.offset, 0);
  EXPECT_TRUE(totals.shape->group_by.empty());
  EXPECT_THAT(columns_of(totals), ElementsAre("total"));
  EXPECT_FALSE(totals.never);
  Plan nothing = plan;
  nothing.never = true;
  EXPECT_TRUE(plan_of_totals(nothing).never);
}

TEST(Choice, Fingerprint_EachOffer_ChangesIt) {
  std::set<std::string> fingerprints;
  const std::string plain = "  group_by: [day, country, device]\n";
  const std::vector<std::pair<std::string, std::string>> contracts = {
      {"", plain},
      {"sortable: [day]\n", plain},
      {"sortable: [day, total]\n", plain},
      {"totals: [rows]\n", plain},
      {"totals: [grand]\n", plain},
      {"totals: [rows, grand]\n", plain},
      {"pagination: {max_offset: 5}\n", plain},
      {"pagination: {max_offset: 6}\n", plain},
      {"", plain + "  top: {per: [day], by: total, limit: 3}\n"},
      {"", plain + "  top: {per: [day], by: total, limit: 4}\n"},
      {"", plain + "  top: {per: [country], by: total, limit: 3}\n"},
      {"", plain + "  top: {per: [day], by: country, limit: 3}\n"},
      {"", "  group_by: {choose: [day, country, device], default: [day, country, device]}\n"},
      {"", "  group_by: {choose: [day, country, device], default: [day, country, device], max: 3}\n"},
      {"", "  group_by: {choose: [day, country, device], default: [day]}\n"}};
  for (const auto& [fields, query] : contracts)
    fingerprints.insert(compiler_of(contract_of(fields, query))->fingerprint());
  EXPECT_EQ(fingerprints.size(), contracts.size());
  EXPECT_EQ(compiler_of(contract_of("sortable: [day, total]\n", plain))->fingerprint(),
            compiler_of(contract_of("sortable: [total, day]\n", plain))->fingerprint());
}

}  // namespace
}  // namespace offloader::query
