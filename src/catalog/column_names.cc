#include "column_names.h"

#include <algorithm>

namespace offloader::catalog {

bool is_document(const SelectDraft& select) {
  return !select.aggregated && select.type == SizedType(ColumnType::json);
}

std::vector<std::size_t> read_names(const std::vector<Value>& items, const Selects& selects, Names allowed,
                                    std::string_view list) {
  std::vector<std::size_t> names;
  const std::string of_list(list);
  for (const Value& item : items) {
    const auto index = selects.find(item, "unknown_column");
    if (!index) continue;
    const std::string name = "\"" + selects[*index].as + "\"";
    if (allowed == Names::plain && selects[*index].aggregated) {
      item.report("invalid_value", name + " is an aggregate and cannot be in " + of_list,
                  "remove it from " + of_list);
    } else if (allowed == Names::sortable && is_document(selects[*index])) {
      item.report("invalid_value", "a JSON column cannot be sorted", "remove it from " + of_list);
    } else if (std::find(names.begin(), names.end(), *index) != names.end()) {
      item.report("duplicate_column", name + " is in " + of_list + " twice", "remove one of them");
    } else {
      names.push_back(*index);
    }
  }
  return names;
}

}  // namespace offloader::catalog
