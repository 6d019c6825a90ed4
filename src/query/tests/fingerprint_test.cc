#include "fingerprint.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "contract.h"
#include "offloader/query/compiler.h"

namespace offloader::query {
namespace {

using Change = std::function<void(Contract&)>;

Change with_column(std::size_t at, const std::function<void(catalog::Column&)>& change) {
  return [=](Contract& contract) {
    std::vector<catalog::Column> columns = contract.dataset.schema;
    change(columns[at]);
    contract.dataset.schema = std::move(columns);
  };
}

std::string after(const Change& change) {
  Contract contract = usual_contract();
  change(contract);
  return contract_fingerprint(contract.endpoint, contract.dataset);
}

catalog::Expression sum_of(std::size_t select, const std::string& number) {
  using Kind = catalog::ExpressionStep::Kind;
  return {.steps = {{.kind = Kind::aggregate, .select = select},
                    {.kind = Kind::number, .number = number},
                    {.kind = Kind::add}}};
}

std::string unchanged() {
  return after([](Contract&) {});
}

TEST(Fingerprint, Compiler_Fingerprint_IsTheContracts32Bytes) {
  const Contract contract = usual_contract();
  EXPECT_EQ(unchanged().size(), 32U);
  EXPECT_EQ(make_compiler(contract.endpoint, contract.dataset)->fingerprint(), unchanged());
}

// Replicas of other releases and external caches identify answers by these.
TEST(Fingerprint, Contract_Unchanged_KeepsItsFingerprint) {
  EXPECT_EQ(to_hex(sha256(unchanged())), "dc745c31579ae642283a565141891a1a911db3ff5be353df77a8b480e43d2bbf");
  EXPECT_EQ(to_hex(sha256(after([](Contract& c) {
              c.endpoint.serving_mode = catalog::ServingMode::remote_scan;
              c.endpoint.select[2].aggregate = catalog::Aggregate::count;
            }))),
            "d1dd0e2eed931d0c9c52b835c584de71c3ec15614ddd43949c1d49b7c209e7a3");
}

TEST(Fingerprint, Contract_SizeOfADecimal_ChangesIt) {
  const auto of = [](int precision, int scale) {
    return after(with_column(
        4, [&](catalog::Column& column) { column.type = catalog::decimal_type(precision, scale); }));
  };
  EXPECT_EQ(of(12, 2), of(12, 2));
  EXPECT_NE(of(12, 2), of(12, 3));
  EXPECT_NE(of(12, 2), of(13, 2));
  EXPECT_NE(of(12, 2), unchanged());
}

TEST(Fingerprint, CanonicalForm_SamePlan_NeverChanges) {
  const Contract contract = usual_contract();
  const auto params = decode_query_string("since=2024-01-31&on=2024-02-01&tier=GOLD&price=1.5&units=7");
  const auto plan =
      make_compiler(contract.endpoint, contract.dataset)->compile(*params, catalog::Tenant("acme"));
  std::string canonical;
  append_canonical(canonical, *plan);
  EXPECT_EQ(to_hex(sha256(canonical)), "970ee8ccdf99a8c838ab523499a60705054f861bf9b5f6ed9800dd84612ec101");
}

TEST(Fingerprint, CanonicalForm_ConditionsOnGroups_AreInIt) {
  const Contract contract = load_contract(
      "id: d\nmanifest: m.json\nschema:\n  - {name: day, type: DATE}\n  - {name: paid, type: "
      "\"DECIMAL(12,2)\"}\n",
      "name: e\nversion: 1\ndataset: d\nparams:\n  - {name: on, type: string}\n  - {name: least, type: "
      "number}\n"
      "  - {name: not, type: date}\nquery:\n  select:\n    - {as: total, column: paid, agg: sum}\n"
      "    - {as: last, column: day, agg: max}\n  filters:\n    - {column: day, op: eq, param: on}\n"
      "  having:\n    - {column: total, op: gte, param: least}\n    - {column: last, op: ne, param: not}\n"
      "columns: [total, last]\n");
  const auto compiler = make_compiler(contract.endpoint, contract.dataset);
  const auto canonical = [&](const Params& params) {
    std::string out;
    append_canonical(out, *compiler->compile(params, std::nullopt));
    return out;
  };
  // The first two of these are `never` plans, which still have a row if no condition drops it.
  const std::vector<Params> requests = {{{"on", "never"}},
                                        {{"on", "never"}, {"least", "1"}},
                                        {},
                                        {{"least", "1"}},
                                        {{"least", "1.01"}},
                                        {{"not", "2026-01-01"}},
                                        {{"not", "2026-01-02"}},
                                        {{"least", "1"}, {"not", "2026-01-02"}}};
  std::set<std::string> seen;
  for (std::size_t i = 0; i < requests.size(); ++i)
    EXPECT_TRUE(seen.insert(canonical(requests[i])).second) << i;
  EXPECT_EQ(canonical({{"least", "1"}}), canonical({{"least", "1.00"}}));
}

TEST(Fingerprint, Contract_ChangeOfAnswers_ChangesTheFingerprint) {
  const std::vector<Change> changes = {
      [](Contract& c) { c.dataset.id = "other"; },
      with_column(3, [](catalog::Column& column) { column.name = "rank"; }),
      with_column(5, [](catalog::Column& column) { column.type = catalog::ColumnType::integer; }),
      [](Contract& c) {
        c.dataset.schema.push_back({"more", catalog::ColumnType::date});
      },
      [](Contract& c) { c.dataset.tenant_column = 3; },
      [](Contract& c) { c.dataset.tenant_column.reset(); },
      [](Contract& c) { c.endpoint.name = "other"; },
      [](Contract& c) { c.endpoint.version = 2; },
      [](Contract& c) { c.endpoint.serving_mode = catalog::ServingMode::remote_scan; },
      [](Contract& c) { c.endpoint.tenant_scoped = false; },
      [](Contract& c) { c.endpoint.params[0].name = "from"; },
      [](Contract& c) { c.endpoint.params[0].type = catalog::ParamType::string; },
      [](Contract& c) { c.endpoint.params[0].required = true; },
      [](Contract& c) { c.endpoint.params[0].default_value = "2024-01-01"; },
      [](Contract& c) { c.endpoint.params[2].default_value = "EMERALD+"; },
      [](Contract& c) { c.endpoint.params[2].enum_values.emplace_back("TIN"); },
      [](Contract& c) { c.endpoint.params[2].aliases["best"] = "GOLD"; },
      [](Contract& c) { c.endpoint.params[2].aliases["top"] = "GOLD"; },
      [](Contract& c) { c.endpoint.params[4].max = 101; },
      [](Contract& c) { c.endpoint.params[4].max.reset(); },
      [](Contract& c) { c.endpoint.formats.push_back(catalog::Format::csv); },
      [](Contract& c) { c.endpoint.formats.push_back(catalog::Format::arrow); },
      [](Contract& c) { c.endpoint.combinations = {{}}; },
      [](Contract& c) {
        c.endpoint.combinations = {{0, 1}};
      },
      [](Contract& c) {
        c.endpoint.combinations = {{0}, {1}};
      },
      [](Contract& c) { c.endpoint.select[0].as = "date"; },
      [](Contract& c) { c.endpoint.select[0].column = 2; },
      [](Contract& c) { c.endpoint.select[2].aggregate = catalog::Aggregate::sum; },
      [](Contract& c) { c.endpoint.select[2].aggregate = catalog::Aggregate::max; },
      [](Contract& c) { std::swap(c.endpoint.select[0], c.endpoint.select[1]); },
      [](Contract& c) { c.endpoint.filters[0].op = catalog::FilterOp::lte; },
      [](Contract& c) { c.endpoint.filters[0].column = 2; },
      [](Contract& c) { c.endpoint.filters[0].param = 1; },
      [](Contract& c) { c.endpoint.filters.pop_back(); },
      [](Contract& c) { c.endpoint.group_by = {0}; },
      [](Contract& c) { c.endpoint.order_by[0].descending = false; },
      [](Contract& c) { c.endpoint.order_by[0].select = 1; },
      [](Contract& c) { c.endpoint.order_by.clear(); },
      [](Contract& c) { c.endpoint.default_limit = 51; },
      [](Contract& c) { c.endpoint.max_limit = 101; },
      [](Contract& c) { c.endpoint.select[2].aggregate = catalog::Aggregate::count_distinct; },
      [](Contract& c) { c.endpoint.select[2].measure.rows = true; },
      [](Contract& c) { c.endpoint.select[2].measure.quantile = "0.5"; },
      [](Contract& c) { c.endpoint.select[2].measure.quantile = "0.9"; },
      [](Contract& c) { c.endpoint.select[2].measure = {.quantile = "0.9", .discrete = true}; },
      [](Contract& c) { c.endpoint.select[2].measure.by = 1; },
      [](Contract& c) { c.endpoint.select[2].measure.by = 2; },
      [](Contract& c) { c.endpoint.select[2].measure.where = {{.column = 3, .constants = {"GOLD"}}}; },
      [](Contract& c) { c.endpoint.select[2].measure.where = {{.column = 3, .constants = {"TIN"}}}; },
      [](Contract& c) { c.endpoint.select[2].expression = sum_of(2, "1"); },
      [](Contract& c) { c.endpoint.select[2].expression = sum_of(2, "1.0"); },
      [](Contract& c) { c.endpoint.select[2].expression = sum_of(1, "1"); },
      [](Contract& c) { c.endpoint.select[2].as_text = true; },
      [](Contract& c) { c.endpoint.having = {{.column = 2, .constants = {"1"}}}; },
      [](Contract& c) { c.endpoint.having = {{.column = 2, .constants = {"2"}}}; },
      [](Contract& c) { c.endpoint.having = {{.column = 2, .param = 4}}; },
  };
  std::set<std::string> seen{unchanged()};
  for (std::size_t i = 0; i < changes.size(); ++i) EXPECT_TRUE(seen.insert(after(changes[i])).second) << i;
}

TEST(Fingerprint, Contract_ChangeWithoutEffect_KeepsTheFingerprint) {
  const std::vector<Change> changes = {
      [](Contract& c) { c.dataset.description = "words"; },
      [](Contract& c) { c.dataset.pin_snapshot = "s1"; },
      [](Contract& c) { c.dataset.skip_snapshots = {"s1"}; },
      [](Contract& c) { c.dataset.origin = catalog::StaticManifest{"other.json"}; },
      [](Contract& c) { c.endpoint.owner = "somebody"; },
      [](Contract& c) { c.endpoint.description = "words"; },
      [](Contract& c) { c.endpoint.select[0].description = "words"; },
      [](Contract& c) { c.endpoint.max_staleness_minutes = 5; },
      [](Contract& c) { c.endpoint.cache = catalog::CachePolicy::snapshot; },
      [](Contract& c) {
        std::swap(c.endpoint.params[2].enum_values[0], c.endpoint.params[2].enum_values[1]);
      },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) EXPECT_EQ(after(changes[i]), unchanged()) << i;
}

TEST(Fingerprint, Combinations_Reordered_KeepTheFingerprint) {
  EXPECT_EQ(after([](Contract& c) {
              c.endpoint.combinations = {{0}, {1, 2}};
            }),
            after([](Contract& c) {
              c.endpoint.combinations = {{1, 2}, {0}};
            }));
}

}  // namespace
}  // namespace offloader::query
