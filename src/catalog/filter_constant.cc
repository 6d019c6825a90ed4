#include "filter_constant.h"

#include <algorithm>

#include "offloader/catalog/param_value.h"

namespace offloader::catalog {
namespace {

// Returns the text of a scalar. An empty text is a value too.
std::optional<std::string> constant_text(const Value& at) {
  if (at.node->kind == yaml::Kind::string) return at.node->text;
  return as_scalar_text(at);
}

bool is_date(std::string_view text) {
  return is_value_of(ParamType::date, text);
}

// Against a TIMESTAMP a date means the whole day, as a `date` param does. A list has one kind of them.
bool choose_type(const Value& at, ColumnType column, Filter& filter) {
  const auto dates = std::count_if(filter.constants.begin(), filter.constants.end(), is_date);
  if (column != ColumnType::timestamp || dates == 0) return true;
  if (static_cast<std::size_t>(dates) != filter.constants.size()) {
    at.report("invalid_value", "the list has dates and timestamps", "write all of them in one form");
    return false;
  }
  filter.constant_type = ParamType::date;
  return true;
}

bool check_constant(const Value& at, const std::string& text, ColumnType column, FilterOp op) {
  const bool flag = row_of(op).operand == Operand::flag;
  if (flag ? parse_flag(text, true).has_value() : readable_as(column, text)) return true;
  at.report(
      "invalid_value",
      at.source->quote(text) + " is not a value of type " + std::string(flag ? "boolean" : name_of(column)),
      flag ? "write true or false" : "such as " + std::string(row_of(column).example));
  return false;
}

}  // namespace

bool read_constants(const Fields& fields, ColumnType column, Filter& filter) {
  const bool list = row_of(filter.op).operand == Operand::list;
  const Value at = list ? fields.at("values") : fields.written("value");
  std::vector<Value> items{at};
  if (list) items = as_list(at);
  bool good = !items.empty();
  for (const Value& item : items) {
    const auto text = constant_text(item);
    good = text && check_constant(item, *text, column, filter.op) && good;
    if (text) filter.constants.push_back(*text);
  }
  if (!good) return false;
  if (row_of(filter.op).operand == Operand::flag) filter.constant_type = ParamType::boolean;
  return choose_type(at, column, filter);
}

}  // namespace offloader::catalog
