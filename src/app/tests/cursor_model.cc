#include "cursor_model.h"

namespace offloader::app::items {
namespace {

using nlohmann::json;

int sign(bool less, bool greater) {
  return less ? -1 : greater ? 1 : 0;
}

}  // namespace

RowOrder order_of(const std::string& endpoint) {
  // The columns of the select that the contract does not order by break ties, in their order.
  if (endpoint == "up" || endpoint == "strict")
    return {{"kind", false}, {"size", false},  {"price", false},
            {"day", false},  {"ratio", false}, {"id", false}};
  if (endpoint == "down")
    return {{"kind", true}, {"size", true},   {"price", false},
            {"day", false}, {"ratio", false}, {"id", false}};
  if (endpoint == "mixed")
    return {{"day", true},   {"ratio", false}, {"id", false},
            {"kind", false}, {"size", false},  {"price", false}};
  if (endpoint == "prices") return {{"price", true}, {"size", false}};
  if (endpoint == "kinds") return {{"kind", true}, {"size", false}};
  if (endpoint == "sizes") return {{"price", true}, {"kind", false}, {"size", false}};
  if (endpoint == "largest")
    return {{"size", false}, {"kind", false},  {"price", false},
            {"day", false},  {"ratio", false}, {"id", false}};
  return {{"id", false},    {"kind", false}, {"size", false},
          {"price", false}, {"day", false},  {"ratio", false}};
}

int compare(const RowOrder& order, const json& a, const json& b) {
  for (const auto& [column, descending] : order) {
    const json& x = a.at(column);
    const json& y = b.at(column);
    if (x.is_null() || y.is_null()) {
      if (x.is_null() != y.is_null()) return y.is_null() ? -1 : 1;
      continue;
    }
    const int compared = x.is_number()
                             ? sign(x.get<double>() < y.get<double>(), x.get<double>() > y.get<double>())
                             : x.get<std::string>().compare(y.get<std::string>());
    if (compared != 0) return (compared < 0) != descending ? -1 : 1;
  }
  return 0;
}

json WalkModel::rest(const json& whole) const {
  json rows = json::array();
  std::size_t alike = 0;
  for (const json& row : whole) {
    const int compared = last_.is_null() ? 1 : compare(order_, row, last_);
    if (compared > 0 || (compared == 0 && alike++ >= alike_)) rows.push_back(row);
  }
  return rows;
}

void WalkModel::give(const json& page) {
  for (const json& row : page) {
    alike_ = !last_.is_null() && compare(order_, row, last_) == 0 ? alike_ + 1 : 1;
    last_ = row;
  }
}

}  // namespace offloader::app::items
