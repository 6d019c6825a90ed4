#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "contract.h"
#include "offloader/query/compiler.h"
#include "offloader/query/describe.h"

namespace offloader::query {
namespace {

Contract contract_of(const std::string& params, const std::string& filters) {
  return load_contract(
      "id: d\nmanifest: m.json\nschema:\n  - {name: day, type: DATE}\n  - {name: at, type: TIMESTAMP}\n"
      "  - {name: tier, type: VARCHAR}\n  - {name: units, type: BIGINT}\n  - {name: extra, type: JSON}\n",
      "name: e\nversion: 1\ndataset: d\nparams:\n" + params +
          "query:\n  select: [{as: day, column: day}]\n  filters:\n" + filters + "columns: [day]\n");
}

std::shared_ptr<const Compiler> compiler_of(const Contract& contract) {
  return make_compiler(contract.endpoint, contract.dataset);
}

std::string canonical(const Compiler& compiler, std::string_view query, const RequestMoment& moment = {}) {
  const auto params = decode_query_string(query);
  const auto plan = params ? compiler.compile(*params, std::nullopt, moment) : fail(params.error());
  if (!plan) return "refused: " + plan.error().message;
  std::string text;
  append_canonical(text, *plan);
  return text;
}

TEST(Lists, Canonical_SameSet_IsTheSame) {
  const auto compiler = compiler_of(contract_of(
      "  - {name: tier, type: string, list: {max: 5}, aliases: {one: a}}\n  - {name: units, type: number, "
      "list: {max: 5}}\n",
      "    - {column: tier, op: in, param: tier}\n    - {column: units, op: not_in, param: units}\n"));
  const std::string both = canonical(*compiler, "tier=a,b");
  EXPECT_EQ(canonical(*compiler, "tier=b,a"), both);
  EXPECT_EQ(canonical(*compiler, "tier=b,one,a,b"), both);
  EXPECT_EQ(canonical(*compiler, "tier=b&tier=a"), both);
  EXPECT_NE(canonical(*compiler, "tier=a"), both);
  EXPECT_NE(canonical(*compiler, "tier=a&tier=b,a"), both);
  EXPECT_EQ(canonical(*compiler, "units=1.0,2"), canonical(*compiler, "units=2.00,1"));
  EXPECT_NE(canonical(*compiler, "units="), canonical(*compiler, "units=1.5"));
  EXPECT_NE(canonical(*compiler, "units="), canonical(*compiler, ""));
  // No row has a value of an empty list, so the other conditions do not matter.
  EXPECT_EQ(canonical(*compiler, "tier="), canonical(*compiler, "tier=&units=1"));
}

TEST(Lists, Compile_Texts_AreSortedByTheirBytes) {
  const auto compiler = compiler_of(contract_of("  - {name: tier, type: string, list: {max: 20}}\n",
                                                "    - {column: tier, op: in, param: tier}\n"));
  const auto params = decode_query_string(
      "tier=campaign+10,campaign+2,campaign+1,campaign+,campaign+10,campaign+%C3%A9,campaign+123456789,"
      "campaign+123456788,campaign+12345678");
  ASSERT_TRUE(params);
  const auto plan = compiler->compile(*params, std::nullopt);
  ASSERT_TRUE(plan);
  const ValueList sorted = {"campaign ",          "campaign 1",         "campaign 10", "campaign 12345678",
                            "campaign 123456788", "campaign 123456789", "campaign 2",  "campaign é"};
  EXPECT_EQ(plan->lists.at(0), sorted);
}

TEST(Alternatives, Canonical_OtherGrouping_IsDifferent) {
  const std::string params =
      "  - {name: a, type: string}\n  - {name: b, type: integer}\n  - {name: c, type: string}\n  - {name: d, "
      "type: "
      "integer}\n";
  const auto compiler = compiler_of(
      contract_of(params,
                  "    - {column: tier, op: eq, param: a}\n    - {column: units, op: eq, param: b}\n"
                  "    - any: [{column: tier, op: eq, param: c}, {column: units, op: eq, param: d}]\n"));
  EXPECT_NE(canonical(*compiler, "a=x&b=1"), canonical(*compiler, "c=x&d=1"));
  EXPECT_EQ(canonical(*compiler, "a=x"), canonical(*compiler, "c=x"));
}

TEST(RelativeDefaults, Compile_Moment_DecidesTheDay) {
  const auto compiler = compiler_of(
      contract_of("  - {name: since, type: date, default: watermark-1d}\n  - {name: until, type: timestamp, "
                  "default: today}\n",
                  "    - {column: day, op: gte, param: since}\n    - {column: at, op: lt, param: until}\n"));
  EXPECT_TRUE(compiler->depends_on_moment());
  const auto plan = compiler->compile({}, std::nullopt, {.today = 20'000, .watermark = 19'000});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->values.at(0), Value(Date{18'999}));
  EXPECT_EQ(plan->values.at(1), Value(Timestamp{20'000 * 86'400'000'000}));
  EXPECT_TRUE(plan->depends_on_today);
  const RequestMoment one{.today = 20'000, .watermark = 19'000};
  const RequestMoment other{.today = 20'001, .watermark = 19'000};
  EXPECT_NE(canonical(*compiler, "", one), canonical(*compiler, "", other));
  EXPECT_EQ(canonical(*compiler, "until=2026-01-01T00:00:00Z", one),
            canonical(*compiler, "until=2026-01-01T00:00:00Z", other));
  const auto sent = compiler->compile({{"until", "2026-01-01T00:00:00Z"}}, std::nullopt, one);
  ASSERT_TRUE(sent);
  EXPECT_FALSE(sent->depends_on_today);
  EXPECT_EQ(canonical(*compiler, "since=2022-01-07", one).size(), canonical(*compiler, "", one).size());
}

TEST(RelativeDefaults, Compile_ContractWithoutThem_DependsOnNoMoment) {
  const auto usual = usual_contract();
  EXPECT_FALSE(make_compiler(usual.endpoint, usual.dataset)->depends_on_moment());
}

// Each part that a contract may have since a later version changes the fingerprint in its own way.
TEST(Fingerprint, LaterParts_Changed_ChangeTheFingerprint) {
  const auto fingerprint = [](const auto& change) {
    Contract contract =
        contract_of("  - {name: p, type: date}\n  - {name: q, type: integer}\n",
                    "    - {column: day, op: gte, param: p}\n    - {column: units, op: eq, param: q}\n");
    change(contract.endpoint);
    return compiler_of(contract)->fingerprint();
  };
  using catalog::Endpoint;
  using catalog::RelativeDate;
  const std::vector<std::function<void(Endpoint&)>> changes = {
      [](Endpoint&) {},
      [](Endpoint& e) { e.params[0].lower = "2026-01-01"; },
      [](Endpoint& e) { e.params[0].upper = "2026-01-01"; },
      [](Endpoint& e) { e.params[1].min = 1; },
      [](Endpoint& e) { e.params[0].max_length = 1; },
      [](Endpoint& e) { e.params[1].max_length = 1; },
      [](Endpoint& e) { e.params[0].list_max = 1; },
      [](Endpoint& e) { e.params[0].default_list = std::vector<std::string>(); },
      [](Endpoint& e) { e.params[0].default_list = {"2026-01-01"}; },
      [](Endpoint& e) { e.params[0].relative_default = RelativeDate{}; },
      [](Endpoint& e) { e.params[0].relative_default = RelativeDate{.base = RelativeDate::Base::watermark}; },
      [](Endpoint& e) { e.params[0].relative_default = RelativeDate{.amount = 1}; },
      [](Endpoint& e) {
        e.params[0].relative_default = RelativeDate{.unit = RelativeDate::Unit::month, .amount = 1};
      },
      [](Endpoint& e) { e.filters[0].constants = {"2026-01-01"}; },
      [](Endpoint& e) { e.filters[0].constants = {"2026-01-02"}; },
      [](Endpoint& e) {
        e.filters[0].constant_type = catalog::ParamType::date;
        e.filters[0].constants = {"2026-01-01"};
      },
      [](Endpoint& e) { e.filters[0].include_nulls = true; },
      [](Endpoint& e) { e.filters[0].any = 1; },
      [](Endpoint& e) {
        e.filters[0].any = 1;
        e.filters[1].any = 1;
      },
  };
  std::set<std::string> seen;
  for (std::size_t i = 0; i < changes.size(); ++i)
    EXPECT_TRUE(seen.insert(fingerprint(changes[i])).second) << i;
  const auto same = [&](const std::function<void(Endpoint&)>& change) {
    return fingerprint(change) == fingerprint([](Endpoint&) {});
  };
  EXPECT_TRUE(same([](Endpoint& e) { e.params[0].description = "text"; }));
  EXPECT_TRUE(same([](Endpoint& e) { e.params[0].example = {"2026-01-01"}; }));
}

}  // namespace
}  // namespace offloader::query
