#include "order_block.h"

#include <array>
#include <set>

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 2> kFields = {"column", "dir"};
constexpr std::array<std::string_view, 2> kDirections = {"asc", "desc"};

}  // namespace

void read_order_by(const Fields& query, const Selects& selects, Endpoint& endpoint) {
  std::set<std::size_t> ordered;
  for (const Value& item : query.list("order_by", Need::optional)) {
    const Fields fields(item, kFields);
    if (!fields.readable()) continue;
    const Value at = fields.get("column", Need::required);
    const auto direction = fields.choice("dir", Need::optional, kDirections);
    const auto index = at.present() ? selects.find(at, "unknown_column") : std::nullopt;
    if (!index) continue;
    if (selects[*index].type == SizedType(ColumnType::json) && !selects[*index].aggregated) {
      at.report("invalid_value", "a JSON column cannot be sorted", "remove it from `order_by`");
    } else if (!ordered.insert(*index).second) {
      at.report("duplicate_column", "\"" + selects[*index].as + "\" is in `order_by` twice",
                "remove one of them");
    } else {
      endpoint.order_by.push_back({*index, direction == std::size_t{1}});
    }
  }
}

}  // namespace offloader::catalog
