#include "having_block.h"

#include <algorithm>
#include <array>

#include "filter_constant.h"
#include "filters.h"

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 4> kFields = {"column", "op", "param", "value"};
constexpr std::array<std::string_view, 6> kOpWords = {"gt", "gte", "lt", "lte", "eq", "ne"};

// Returns the operator's position in the table.
std::optional<std::size_t> read_op(const Fields& fields) {
  const auto word = fields.choice("op", Need::required, kOpWords);
  if (!word) return std::nullopt;
  const auto* const row = find_row(kFilterOps, &FilterOpRow::name, kOpWords[*word]);
  return static_cast<std::size_t>(row - kFilterOps.data());
}

std::optional<std::size_t> read_group_column(const Fields& fields, const Selects& selects) {
  const Value at = fields.get("column", Need::required);
  const auto index = at.present() ? selects.find(at, "unknown_column") : std::nullopt;
  if (!index || selects[*index].aggregated) return index;
  at.report("invalid_value", "\"" + selects[*index].as + "\" is not an aggregate",
            "filter its column under `filters`");
  return std::nullopt;
}

}  // namespace

void read_having(const Fields& query, const Selects& selects, const ParamDrafts& params, Endpoint& endpoint,
                 std::set<std::size_t>& used) {
  for (const Value& item : query.list("having", Need::optional)) {
    const Fields fields(item, kFields);
    if (!fields.readable()) continue;
    const auto select = read_group_column(fields, selects);
    const auto op = read_op(fields);
    const bool constant = fields.written("value").present();
    const auto param = constant ? std::nullopt : read_param_name(fields, params, used);
    if (constant && fields.written("param").present()) {
      fields.at("param").report("invalid_value", "`having` compares either with a param or with a constant",
                                "remove `param`, or remove `value`");
    }
    if (!select || !op || !selects[*select].result) continue;
    Filter filter{.column = *select, .op = kFilterOps[*op].op};
    const ColumnType type = *selects[*select].result;
    if (constant) {
      if (read_constants(fields, type, filter)) endpoint.having.push_back(std::move(filter));
    } else if (param && check_filter_param(fields, type, op, params.list()[*param])) {
      filter.param = *param;
      endpoint.having.push_back(std::move(filter));
    }
  }
}

}  // namespace offloader::catalog
