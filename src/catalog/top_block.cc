#include "top_block.h"

#include <algorithm>
#include <array>
#include <limits>

#include "column_names.h"

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 3> kFields = {"per", "by", "limit"};

std::vector<std::size_t> read_per(const Fields& fields, const Selects& selects) {
  const std::vector<Value> items = fields.list("per", Need::required);
  for (const Value& item : items) {
    if (item.node->kind != yaml::Kind::string) continue;
    const auto index = std::find_if(selects.list().begin(), selects.list().end(),
                                    [&](const SelectDraft& each) { return each.as == item.node->text; });
    if (index != selects.list().end() && is_document(*index)) {
      item.report("invalid_value", "a JSON column cannot be in `per`", "remove it from `per`");
    }
  }
  return read_names(items, selects, Names::plain, "`per`");
}

}  // namespace

void read_top(const Fields& query, const Selects& selects, Endpoint& endpoint) {
  const Value at = query.at("top");
  if (!at.present()) return;
  const Fields fields(at, kFields, "write `top: {per: [day], by: total, limit: 10}`");
  if (!fields.readable()) return;
  Top top;
  top.per = read_per(fields, selects);
  const Value by = fields.get("by", Need::required);
  const auto index = by.present() ? selects.find(by, "unknown_column") : std::nullopt;
  const auto limit = fields.integer("limit", Need::required, 1, std::numeric_limits<std::int64_t>::max());
  if (index && is_document(selects[*index])) {
    by.report("invalid_value", "a JSON column cannot be sorted", "choose another column");
    return;
  }
  if (index && endpoint.group_choice && !selects[*index].aggregated) {
    by.report("invalid_value",
              "an answer may be without \"" + selects[*index].as +
                  "\": the param `by` chooses the columns to group by",
              "choose an aggregate");
    return;
  }
  if (!index || !limit) return;
  top.by = *index;
  top.limit = *limit;
  endpoint.top = std::move(top);
}

}  // namespace offloader::catalog
