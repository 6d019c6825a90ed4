#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "contract.h"
#include "offloader/query/compiler.h"
#include "offloader/query/describe.h"

namespace offloader::query {
namespace {

using catalog::Tenant;

Plan planned(const Compiler& compiler, std::string_view query,
             const std::optional<Tenant>& tenant = Tenant("acme")) {
  const auto params = decode_query_string(query);
  if (!params) throw std::invalid_argument(params.error().message);
  auto plan = compiler.compile(*params, tenant);
  if (!plan) throw std::invalid_argument(std::string(query) + ": " + plan.error().message);
  return std::move(*plan);
}

std::string canonical(const Plan& plan) {
  std::string out;
  append_canonical(out, plan);
  return out;
}

std::shared_ptr<const Compiler> usual_compiler() {
  const Contract contract = usual_contract();
  return make_compiler(contract.endpoint, contract.dataset);
}

TEST(Compiler, Compile_NoCombinationMatches_NamesTheRequiredParamThatIsMissing) {
  Contract contract = usual_contract();
  contract.endpoint.params[1].required = true;
  contract.endpoint.combinations = {{1}, {0, 1}};
  const auto compiler = make_compiler(contract.endpoint, contract.dataset);
  const auto message = [&](std::string_view query) {
    const auto plan = compiler->compile(*decode_query_string(query), Tenant("acme"));
    return plan ? std::string() : plan.error().message;
  };
  EXPECT_EQ(message("since=2024-01-01"), "param `on` is required");
  EXPECT_EQ(message(""), "param `on` is required");
  EXPECT_EQ(message("on=2024-01-01&units=3"), "this set of params is not one that the endpoint offers");
  EXPECT_EQ(message("on=2024-01-01"), "");
}

TEST(Canonical, Form_RequestsWithOneMeaning_IsTheSame) {
  const auto compiler = usual_compiler();
  const std::vector<std::vector<const char*>> same = {
      {"", "tier=GOLD", "limit=50", "offset=0&limit=50", "columns=day,tier,units", "columns=units,day,tier",
       "&&"},
      {"tier=best", "tier=EMERALD%2B", "tier=EMERALD+", "tier=best&limit=50"},
      {"since=2024-01-01&units=5", "units=5&since=2024-01-01", "%75nits=%35&since=2024-01-01"},
      {"price=1e1", "price=10", "price=10.0"},
      {"price=0", "price=-0"},
      {"price=cheap", "price=dear", "price=", "price=cheap&units=3", "price=cheap&tier=best"},
      {"columns=day,units", "columns=units,day"},
      {"offset=9223372036854775807", "offset=4611686018427387904"}};
  std::vector<std::string> forms;
  for (const auto& queries : same) {
    forms.push_back(canonical(planned(*compiler, queries.front())));
    for (const char* query : queries) EXPECT_EQ(canonical(planned(*compiler, query)), forms.back()) << query;
  }
  EXPECT_EQ(std::set<std::string>(forms.begin(), forms.end()).size(), forms.size());
}

TEST(Canonical, Form_OtherTenantAndNoMatch_IsDifferent) {
  const auto compiler = usual_compiler();
  for (const char* query : {"", "price=cheap"}) {
    EXPECT_NE(canonical(planned(*compiler, query, Tenant("a"))),
              canonical(planned(*compiler, query, Tenant("b"))));
  }
}

// The meaning of a plan without the process-wide id: an independent definition of what the canonical form
// must distinguish.
std::string meaning(const Plan& plan) {
  if (!plan.never) return to_text(plan);
  std::string page = std::to_string(plan.limit) + "/" + std::to_string(plan.offset);
  for (const std::size_t column : plan.columns) page += "," + std::to_string(column);
  return "nothing of " + std::get<std::string>(plan.values.at(0)) + " " + page;
}

TEST(Canonical, Form_RandomRequests_IsEqualIfAndOnlyIfTheMeaningIs) {
  const auto compiler = usual_compiler();
  std::mt19937 random(20240131);
  const std::vector<std::vector<std::string>> choices = {
      {"", "since=2024-01-01", "since=2024-01-02"},
      {"", "on=2024-01-01", "on=1969-12-31"},
      {"", "tier=GOLD", "tier=best", "tier=EMERALD%2B"},
      {"", "price=1", "price=1.0", "price=x", "price=2"},
      {"", "units=1", "units=-1", "units=0"},
      {"", "limit=50", "limit=1", "limit=2"},
      {"", "offset=0", "offset=1", "offset=2"},
      {"", "columns=day", "columns=tier,day", "columns=day,tier"}};
  std::map<std::string, std::string> by_form;
  std::map<std::string, std::string> by_meaning;
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::string> parts;
    for (const auto& choice : choices) parts.push_back(choice[random() % choice.size()]);
    std::shuffle(parts.begin(), parts.end(), random);
    std::string query;
    for (const auto& part : parts) query += part + "&";
    const Plan plan = planned(*compiler, query, Tenant(random() % 2 == 0 ? "a" : "ab"));
    const std::string form = canonical(plan);
    const std::string means = meaning(plan);
    ASSERT_EQ(by_form.emplace(form, means).first->second, means) << query;
    ASSERT_EQ(by_meaning.emplace(means, form).first->second, form) << query;
  }
  EXPECT_GT(by_form.size(), 1'000U);
}

TEST(Canonical, Form_ValuesSplitDifferently_IsDifferent) {
  const Contract contract = load_contract(
      "id: d\nmanifest: m.json\nschema: [{name: a, type: VARCHAR}, {name: b, type: VARCHAR}]\n",
      "name: e\nversion: 1\ndataset: d\nparams: [{name: a, type: string}, {name: b, type: string}]\n"
      "query:\n  select: [{as: a, column: a}]\n"
      "  filters: [{column: a, op: eq, param: a}, {column: b, op: eq, param: b}]\ncolumns: [a]\n");
  const auto compiler = make_compiler(contract.endpoint, contract.dataset);
  std::set<std::string> forms;
  const std::vector<const char*> queries = {"a=xs&b=y", "a=x&b=sy", "a=xsy", "b=xsy", "a=&b=xsy",
                                            "a=xsy&b=", "a=&b=",    "a=",    "b=",    ""};
  for (const char* query : queries) forms.insert(canonical(planned(*compiler, query, std::nullopt)));
  EXPECT_EQ(forms.size(), queries.size());
}

TEST(Shapes, Find_SameFilters_ReturnsTheSameShape) {
  const auto compiler = usual_compiler();
  const auto shape = planned(*compiler, "since=2024-01-01&units=5").shape;
  EXPECT_EQ(planned(*compiler, "units=6&since=2024-02-01&columns=day&limit=1").shape, shape);
  EXPECT_EQ(planned(*compiler, "units=6&since=2024-02-01&tier=best").shape, shape)
      << "a default's filter is always there";
  EXPECT_NE(planned(*compiler, "since=2024-01-01").shape->id, shape->id);
  EXPECT_NE(planned(*usual_compiler(), "since=2024-01-01&units=5").shape->id, shape->id);
}

TEST(Shapes, Conditions_TenantScoped_BeginWithTheTenant) {
  const auto compiler = usual_compiler();
  for (const char* query :
       {"", "price=x", "on=2024-01-01", "on=2024-01-01&price=x&units=1&since=2024-01-01"}) {
    const Plan plan = planned(*compiler, query);
    EXPECT_TRUE(plan.shape->tenant_scoped);
    EXPECT_EQ(plan.values.size(), plan.shape->conditions.size());
    EXPECT_EQ(plan.shape->conditions.at(0).column, 0U);
    EXPECT_TRUE(plan.shape->conditions.at(0).is(Comparison::eq));
    EXPECT_EQ(plan.values.at(0), Value("acme"));
  }
}

// Twelve optional params: more shapes than the cache can hold.
Contract wide_contract() {
  std::string params;
  std::string filters;
  for (int i = 0; i < 12; ++i) {
    const std::string name = "p" + std::to_string(i);
    params += "  - {name: " + name + ", type: integer}\n";
    filters += "    - {column: a, op: eq, param: " + name + "}\n";
  }
  return load_contract("id: d\nmanifest: m.json\nschema: [{name: a, type: BIGINT}]\n",
                       "name: e\nversion: 1\ndataset: d\nparams:\n" + params +
                           "query:\n  select: [{as: a, column: a}]\n  filters:\n" + filters +
                           "columns: [a]\n");
}

std::string query_of(unsigned mask) {
  std::string query;
  for (int i = 0; i < 12; ++i) {
    if ((mask >> i & 1U) != 0) query += "p" + std::to_string(i) + "=" + std::to_string(i) + "&";
  }
  return query;
}

// Ids are counted across the process, so a shape that a compiler built eagerly would leave a gap.
TEST(Shapes, Find_FirstRequest_BuildsTheShape) {
  const Contract contract = usual_contract();
  const auto first = make_compiler(contract.endpoint, contract.dataset);
  const std::uint64_t id = planned(*first, "").shape->id;
  const auto second = make_compiler(contract.endpoint, contract.dataset);
  EXPECT_EQ(planned(*second, "units=1").shape->id, id + 1);
  EXPECT_EQ(planned(*second, "units=2").shape->id, id + 1);
  EXPECT_EQ(planned(*second, "").shape->id, id + 2);
}

TEST(Shapes, Lists_OfOneEndpoint_AreSharedExceptConditions) {
  const Contract contract = usual_contract();
  const auto compiler = make_compiler(contract.endpoint, contract.dataset);
  const auto one = planned(*compiler, "").shape;
  const auto other = planned(*compiler, "units=1&since=2024-01-01").shape;
  EXPECT_NE(one->conditions.size(), other->conditions.size());
  EXPECT_TRUE(one->projections.shares_with(other->projections));
  EXPECT_TRUE(one->order.shares_with(other->order));
  EXPECT_TRUE(one->group_by.shares_with(other->group_by));
  EXPECT_TRUE(one->schema.shares_with(contract.dataset.schema));
  const auto elsewhere = make_compiler(contract.endpoint, contract.dataset);
  EXPECT_TRUE(planned(*elsewhere, "").shape->schema.shares_with(one->schema));
}

// Groups have no order of their own, so pages of an export would overlap without the tie-breaks.
TEST(Shapes, Find_ExportOrderedByNothing_LeavesOutTheTieBreaksOfRowsAlone) {
  const std::string dataset =
      "id: d\nmanifest: m.json\nschema:\n  - {name: day, type: DATE}\n  - {name: units, type: INTEGER}\n";
  const std::string rest = "columns: [day, units]\nformats: [csv]\nexport: {max_rows: 1000}\n";
  const auto order_of = [&](const std::string& select, bool exported) {
    const Contract contract = load_contract(
        dataset, "name: e\nversion: 1\ndataset: d\nquery:\n  select: [" + select + "]\n" + rest);
    const auto compiler = make_compiler(contract.endpoint, contract.dataset);
    const auto plan = compiler->compile({}, std::nullopt, {.exported = exported});
    return plan->shape->order.size();
  };
  const std::string rows = "{as: day, column: day}, {as: units, column: units}";
  const std::string groups =
      "{as: day, column: day}, {as: units, column: units, agg: sum}]\n  group_by: [day";
  EXPECT_EQ(order_of(rows, true), 0U);
  EXPECT_GT(order_of(rows, false), 0U);
  EXPECT_EQ(order_of(groups, true), order_of(groups, false));
  EXPECT_GT(order_of(groups, true), 0U);
}

TEST(Shapes, Find_EverySetOfTenParams_HasAStableId) {
  Contract contract = wide_contract();
  contract.endpoint.filters.resize(10);
  const auto compiler = make_compiler(contract.endpoint, contract.dataset);
  std::vector<std::uint64_t> ids;
  for (unsigned mask = 0; mask < 1024; ++mask)
    ids.push_back(planned(*compiler, query_of(mask), std::nullopt).shape->id);
  for (unsigned mask = 0; mask < 1024; ++mask)
    ASSERT_EQ(planned(*compiler, query_of(mask), std::nullopt).shape->id, ids[mask]) << mask;
  EXPECT_EQ(std::set<std::uint64_t>(ids.begin(), ids.end()).size(), 1024U);
}

TEST(Compiler, Make_SameContract_ReturnsThePreviousCompiler) {
  Contract contract = usual_contract();
  const auto before = make_compiler(contract.endpoint, contract.dataset);
  contract.endpoint.description = "words";
  EXPECT_EQ(make_compiler(contract.endpoint, contract.dataset, before), before);
  contract.endpoint.max_limit = 101;
  const auto changed = make_compiler(contract.endpoint, contract.dataset, before);
  EXPECT_NE(changed, before);
  EXPECT_NE(changed->fingerprint(), before->fingerprint());
}

TEST(Shapes, Find_MoreSetsThanSlots_IsStillCorrect) {
  const Contract contract = wide_contract();
  const auto compiler = make_compiler(contract.endpoint, contract.dataset);
  for (int round = 0; round < 2; ++round) {
    for (unsigned mask = 0; mask < (1U << 12); ++mask) {
      const Plan plan = planned(*compiler, query_of(mask), std::nullopt);
      std::vector<Value> wanted;
      for (int i = 0; i < 12; ++i) {
        if ((mask >> i & 1U) != 0) wanted.emplace_back(std::int64_t{i});
      }
      ASSERT_EQ(plan.values, wanted);
      ASSERT_EQ(plan.shape->conditions.size(), wanted.size());
    }
  }
}

TEST(Shapes, Find_ConcurrentThreads_ReturnOneId) {
  const Contract contract = wide_contract();
  const auto compiler = make_compiler(contract.endpoint, contract.dataset);
  std::vector<std::vector<std::uint64_t>> ids(4);
  std::vector<std::thread> threads;
  for (auto& mine : ids) {
    threads.emplace_back([&compiler, &mine] {
      for (unsigned mask = 0; mask < 200; ++mask)
        mine.push_back(planned(*compiler, query_of(mask), std::nullopt).shape->id);
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& mine : ids) EXPECT_EQ(mine, ids[0]);
  EXPECT_EQ(std::set<std::uint64_t>(ids[0].begin(), ids[0].end()).size(), 200U);
}

TEST(Refusals, Message_SecretValueOrName_IsNotRepeated) {
  const auto compiler = usual_compiler();
  for (const char* query :
       {"since=s3cret-Z", "tier=s3cret-Z", "units=s3cret-Z", "limit=s3cret-Z", "offset=s3cret-Z",
        "columns=s3cret-Z", "s3cret-Z=1", "S3cret-Z=1&S3cret-Z=1", "on=s3cret-Z"}) {
    const auto plan = compiler->compile(*decode_query_string(query), Tenant("s3cret-Z"));
    ASSERT_FALSE(plan) << query;
    EXPECT_EQ(plan.error().code, ErrorCode::invalid_param) << query;
    EXPECT_EQ((plan.error().message + plan.error().detail).find("cret-Z"), std::string::npos) << query;
  }
}

TEST(Refusals, Compile_RepeatedReservedParam_IsRejected) {
  const auto compiler = usual_compiler();
  for (const char* query :
       {"limit=1&limit=1", "offset=1&offset=1", "columns=day&columns=day", "tier=best&tier=GOLD"}) {
    EXPECT_FALSE(compiler->compile(*decode_query_string(query), Tenant("acme"))) << query;
  }
}

TEST(TenantRule, Compile_EndpointNotScoped_StillRequiresATenant) {
  Contract contract = usual_contract();
  contract.endpoint.tenant_scoped = false;
  const auto compiler = make_compiler(contract.endpoint, contract.dataset);
  const auto without = compiler->compile({}, std::nullopt);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ErrorCode::internal);
  EXPECT_EQ(planned(*compiler, "").values.at(0), Value("acme"));
  EXPECT_FALSE(compiler->compile({}, Tenant(std::int64_t{1})));
}

TEST(TenantRule, Compile_DatasetWithoutTenantColumn_IsRejected) {
  Contract contract = usual_contract();
  contract.dataset.tenant_column.reset();
  const auto plan = make_compiler(contract.endpoint, contract.dataset)->compile({}, Tenant("acme"));
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::internal);
}

TEST(TenantRule, Compile_EmptyTenant_IsBoundAsIs) {
  EXPECT_EQ(planned(*usual_compiler(), "", Tenant("")).values.at(0), Value(""));
}

}  // namespace
}  // namespace offloader::query
