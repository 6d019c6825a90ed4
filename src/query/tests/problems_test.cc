// Everything that is wrong with a request, at once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract.h"
#include "offloader/query/compiler.h"

namespace offloader::query {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<Problem> problems_of(const Compiler& compiler, const Params& params) {
  const auto plan = compiler.compile(params, catalog::Tenant("acme"));
  if (plan) return {};
  EXPECT_EQ(plan.error().code, ErrorCode::invalid_param);
  if (plan.error().problems == nullptr) {
    ADD_FAILURE() << "no problems for: " << plan.error().message;
    return {};
  }
  EXPECT_EQ(plan.error().message, plan.error().problems->front().message);
  return *plan.error().problems;
}

std::vector<Problem> problems_of(std::string_view query) {
  const Contract contract = usual_contract();
  return problems_of(*make_compiler(contract.endpoint, contract.dataset), *decode_query_string(query));
}

MATCHER_P2(Told, param, message, "") {
  *result_listener << arg.param << ": " << arg.message;
  return arg.param == param && arg.message == message;
}

TEST(Problems, Compile_SeveralMistakes_TellsAllInOrder) {
  EXPECT_THAT(
      problems_of("units=x&colour=1&limit=0&since=2024-13-01&tier=BRONZE&offset=-1&columns=none&units=1"),
      ElementsAre(Told("colour", "param `colour` is not one that the endpoint declares"),
                  Told("units", "param `units` is given more than once"),
                  Told("limit", "param `limit` must be a positive integer"),
                  Told("offset", "param `offset` must be an integer that is not negative"),
                  Told("columns", "param `columns` names a column that the endpoint does not serve"),
                  Told("since", "param `since` must be a date, YYYY-MM-DD"),
                  Told("tier", "param `tier` must be one of its listed values")));
}

TEST(Problems, Compile_OneMistake_TellsItOnce) {
  EXPECT_THAT(problems_of("units=1&units=1&units=1"), SizeIs(1));
  EXPECT_THAT(problems_of("columns=x,y,z"), SizeIs(1));
  EXPECT_THAT(problems_of("columns=day%22"),
              ElementsAre(Told("columns", "param `columns` is not a list: separate names by commas")));
  EXPECT_THAT(problems_of("x=1&x=2"), SizeIs(1));
  EXPECT_THAT(problems_of("%3Ca%3E=1&%3Cb%3E=1"), ElementsAre(Told("",
                                                                   "a param is not one that the endpoint "
                                                                   "declares")));
  EXPECT_THAT(problems_of("units=5&limit=1"), IsEmpty());
}

TEST(Problems, Allowed_IsWhatTheContractAllows) {
  const auto allowed = [](std::string_view query) { return problems_of(query).at(0).allowed; };
  EXPECT_THAT(allowed("tier=BRONZE"), ElementsAre("GOLD", "EMERALD+", "best"));
  EXPECT_THAT(allowed("columns=x"), ElementsAre("day", "tier", "units"));
  EXPECT_THAT(allowed("limit=x"), ElementsAre(">= 1", "<= 100"));
  EXPECT_THAT(allowed("limit=101"), ElementsAre(">= 1", "<= 100"));
  EXPECT_THAT(allowed("offset=x"), ElementsAre(">= 0"));
  EXPECT_THAT(allowed("units=101"), ElementsAre("<= 100"));
  EXPECT_THAT(allowed("units=x"), ElementsAre("<= 100"));
  EXPECT_THAT(allowed("since=x"), IsEmpty());
  EXPECT_THAT(allowed("colour=x"),
              ElementsAre("since", "on", "tier", "price", "units", "limit", "offset", "columns"));
}

TEST(Problems, TooLong_AllowedIsTheMost) {
  const Contract contract = load_contract(
      "id: d\nmanifest: m.json\nschema: [{name: name, type: VARCHAR}]\n",
      "name: e\nversion: 1\ndataset: d\nparams:\n  - {name: like, type: string, max_length: 3}\n"
      "  - {name: names, type: string, list: {max: 2}, max_length: 3}\nquery:\n"
      "  select: [{as: name, column: name}]\n  filters:\n    - {column: name, op: prefix, param: like}\n"
      "    - {column: name, op: in, param: names}\ncolumns: [name]\n");
  const auto compiler = make_compiler(contract.endpoint, contract.dataset);
  const auto allowed = [&](std::string_view query) {
    return problems_of(*compiler, *decode_query_string(query)).at(0).allowed;
  };
  EXPECT_THAT(allowed("like=four"), ElementsAre("<= 3 characters"));
  EXPECT_THAT(allowed("names=a,b,c"), ElementsAre("<= 2 values"));
  EXPECT_THAT(allowed("names=a,four"), ElementsAre("<= 3 characters"));
}

TEST(Problems, SeveralUndeclaredParams_ListTheDeclaredOnesOnce) {
  const auto problems = problems_of("a=1&b=1");
  ASSERT_THAT(problems, SizeIs(2));
  EXPECT_THAT(problems[0].allowed, Contains("since"));
  EXPECT_THAT(problems[1].allowed, IsEmpty());
}

TEST(Problems, Compile_ManyMistakes_AreBounded) {
  std::string query;
  for (int i = 0; i < 200; ++i) query += "x" + std::to_string(i) + "=1&";
  EXPECT_THAT(problems_of(query), SizeIs(50));
  Contract contract = usual_contract();
  for (int i = 0; i < 200; ++i) contract.endpoint.params[2].enum_values.push_back("V" + std::to_string(i));
  const auto compiler = make_compiler(contract.endpoint, contract.dataset);
  EXPECT_THAT(problems_of(*compiler, {{"tier", "x"}}).at(0).allowed, SizeIs(50));
}

TEST(Problems, NoCombination_TellsMissingParamsOrTheSets) {
  Contract contract = usual_contract();
  contract.endpoint.combinations = {{}, {0, 1}};
  auto compiler = make_compiler(contract.endpoint, contract.dataset);
  const auto sets = problems_of(*compiler, {{"units", "x"}});
  EXPECT_THAT(sets, ElementsAre(Told("", "this set of params is not one that the endpoint offers"),
                                Told("units", "param `units` must be an integer")));
  EXPECT_THAT(sets.at(0).allowed, ElementsAre("no params", "since, on"));
  contract.endpoint.combinations = {{0, 1}};
  contract.endpoint.params[0].required = contract.endpoint.params[1].required = true;
  compiler = make_compiler(contract.endpoint, contract.dataset);
  EXPECT_THAT(problems_of(*compiler, {{"limit", "0"}}),
              ElementsAre(Told("since", "param `since` is required"), Told("on", "param `on` is required"),
                          Told("limit", "param `limit` must be a positive integer")));
}

TEST(Problems, ListForAParamWithoutOne_IsRejected) {
  const Contract contract = usual_contract();
  const auto compiler = make_compiler(contract.endpoint, contract.dataset);
  for (const char* body : {R"({"units":[1]})", R"({"units":[1,2]})", R"({"units":[]})"}) {
    EXPECT_THAT(problems_of(*compiler, *decode_json_params(body)),
                Contains(Told("units", "param `units` does not take a list")))
        << body;
  }
  EXPECT_THAT(problems_of(*compiler, *decode_json_params(R"({"limit":[1]})")),
              ElementsAre(Told("limit", "param `limit` does not take a list")));
}

TEST(JsonBody, Compile_SameParams_IsTheSamePlan) {
  const Contract contract = usual_contract();
  const auto compiler = make_compiler(contract.endpoint, contract.dataset);
  const auto form = [&](const Params& params) {
    const auto plan = compiler->compile(params, catalog::Tenant("acme"));
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
    std::string out;
    if (plan) append_canonical(out, *plan);
    return out;
  };
  const std::vector<std::pair<const char*, const char*>> same = {
      {"units=5", R"({"units":5})"},
      {"units=5", R"({"units":"5"})"},
      {"units=5&limit=7", R"({"limit":7.0,"units":5e0,"tier":null})"},
      {"price=12.5", R"({"price":12.50})"},
      {"columns=day,units", R"({"columns":"units,day"})"},
      {"columns=day,units", R"({"columns":["units","day"]})"},
      {"columns=day&columns=units", R"({"columns":["units","day"]})"},
      {"columns=%22day%22,units", R"({"columns":"units,\"day\""})"},
      {"tier=EMERALD%2B&since=2024-01-31", R"({"since":"2024-01-31","tier":"best"})"}};
  for (const auto& [query, body] : same)
    EXPECT_EQ(form(*decode_json_params(body)), form(*decode_query_string(query))) << body;
}

TEST(JsonBody, Compile_NumberThatIsNotWhole_IsNoInteger) {
  const Contract contract = usual_contract();
  const auto compiler = make_compiler(contract.endpoint, contract.dataset);
  for (const char* body :
       {R"({"units":5.5})", R"({"units":true})", R"({"units":1e300})", R"({"units":"5.0"})"}) {
    EXPECT_THAT(problems_of(*compiler, *decode_json_params(body)),
                ElementsAre(Told("units", "param `units` must be an integer")))
        << body;
  }
}

}  // namespace
}  // namespace offloader::query
