#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "offloader/catalog/load.h"
#include "offloader/query/compiler.h"
#include "offloader/query/describe.h"

namespace {

using offloader::catalog::Tenant;
namespace query = offloader::query;

std::shared_ptr<const query::Compiler> contract() {
  const auto loaded = offloader::catalog::load_project_files(
      {{"offloader.yml", "version: 1\n"},
       {"datasets/d.yml",
        "id: d\nmanifest: m.json\ntenant_column: t\nschema:\n  - {name: t, type: VARCHAR}\n"
        "  - {name: b, type: BOOLEAN}\n  - {name: i, type: INTEGER}\n  - {name: f, type: DOUBLE}\n"
        "  - {name: d, type: DATE}\n  - {name: s, type: TIMESTAMP}\n  - {name: v, type: VARCHAR}\n"},
       {"endpoints/e.yml",
        "name: e\nversion: 1\ndataset: d\ntenant: {column: t}\nparams:\n  - {name: b, type: string}\n"
        "  - {name: i, type: integer, max: 9}\n  - {name: f, type: integer}\n  - {name: g, type: string}\n"
        "  - {name: d, type: date, default: '2024-01-01'}\n  - {name: s, type: string}\n"
        "  - {name: v, type: enum, enum: [A, B+], aliases: {x: B+}}\n"
        "  - {name: l, type: string, list: {max: 3}}\n  - {name: n, type: number, list: {max: 9}, min: -5}\n"
        "  - {name: m, type: number, max: 99.5}\n  - {name: o, type: boolean}\n"
        "  - {name: p, type: timestamp, default: watermark-1mo}\n  - {name: q, type: string, max_length: 4}\n"
        "query:\n  select: [{as: v, column: v}, {as: i, column: i}]\n  filters:\n"
        "    - {column: b, op: eq, param: b}\n    - {column: i, op: lte, param: i}\n"
        "    - {column: f, op: gte, param: f}\n    - {column: f, op: eq, param: g}\n"
        "    - {column: s, op: lte, param: d}\n    - {column: s, op: gte, param: s}\n"
        "    - {column: v, op: eq, param: v}\n    - {column: v, op: not_in, param: l, nulls: include}\n"
        "    - {column: i, op: in, param: n}\n    - {column: f, op: ne, param: m}\n"
        "    - any: [{column: i, op: gt, param: m}, {column: s, op: lt, param: p}, {column: s, op: eq, "
        "param: d},\n"
        "            {column: v, op: icontains, param: q}, {column: b, op: eq, param: b}]\n"
        "    - {column: d, op: is_null, param: o}\n    - {column: v, op: ne, value: C}\ncolumns: [v, i]\n"}});
  if (loaded.catalog == nullptr) std::abort();
  const auto& endpoint = loaded.catalog->endpoints.at("e");
  return query::make_compiler(endpoint, loaded.catalog->dataset_of(endpoint));
}

}  // namespace

// Compiles arbitrary query strings against a contract with every type of param. Every plan must have the
// tenant's condition first with the tenant's value, one value for each condition, and a page within its
// limits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto compiler = contract();
  const auto params = query::decode_query_string(std::string(data, data + size));
  if (!params) return 0;
  const std::string tenant = "the tenant";
  const auto plan = compiler->compile(*params, Tenant(tenant));
  if (!plan) {
    if (plan.error().code != offloader::ErrorCode::invalid_param) std::abort();
    return 0;
  }
  const query::PlanShape& shape = *plan->shape;
  if (!shape.tenant_scoped || shape.conditions.size() != plan->values.size()) std::abort();
  if (shape.conditions[0].column != 0 || !shape.conditions[0].is(query::Comparison::eq)) std::abort();
  if (plan->values[0] != query::Value(tenant)) std::abort();
  std::size_t lists = 0;
  for (const query::Condition& condition : shape.conditions)
    lists += std::holds_alternative<query::Among>(condition.test) ? 1 : 0;
  if (plan->lists.size() != lists) std::abort();
  for (const query::ValueList& list : plan->lists) {
    if (!std::is_sorted(list.begin(), list.end())) std::abort();
  }
  if (plan->limit < 1 || plan->limit > 100 || plan->offset < 0) std::abort();
  if (plan->columns.empty() || plan->columns.size() > shape.projections.size()) std::abort();
  std::string canonical;
  query::append_canonical(canonical, *plan);
  (void)query::to_text(*plan);
  if (compiler->compile(*params, std::nullopt)) std::abort();
  return 0;
}
