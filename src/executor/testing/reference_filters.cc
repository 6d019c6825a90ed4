#include "reference_filters.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "offloader/base/decimal.h"
#include "offloader/base/json_text.h"
#include "offloader/base/timestamp.h"

namespace offloader::executor::testing::model {
namespace {

constexpr std::int64_t kDay = 86'400'000'000;

// Compares a cell that is not null with a value: negative if the cell is before it.
using Order = std::function<int(const Cell&)>;

template <typename T>
int sign(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

// A decimal number of any length, as its digits.
struct Digits {
  bool negative = false;
  std::string whole{};     // without leading zeros
  std::string fraction{};  // without trailing zeros
};

Digits digits_of(std::string text) {
  Digits number;
  number.negative = text.starts_with('-');
  if (number.negative || text.starts_with('+')) text.erase(0, 1);
  const std::size_t point = std::min(text.find('.'), text.size());
  number.whole = text.substr(0, point);
  number.whole.erase(0, std::min(number.whole.find_first_not_of('0'), point));
  if (point < text.size()) number.fraction = text.substr(point + 1);
  number.fraction.resize(number.fraction.find_last_not_of('0') + 1);
  if (number.whole.empty() && number.fraction.empty()) number.negative = false;
  return number;
}

int compare(const Digits& a, const Digits& b) {
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  int order = sign(a.whole.size(), b.whole.size());
  if (order == 0) order = sign(a.whole, b.whole);
  if (order == 0) order = sign(a.fraction, b.fraction);
  return a.negative ? -order : order;
}

Order decimal_order(const std::string& text, int scale) {
  return [number = digits_of(text), scale](const Cell& cell) {
    std::string own;
    append_decimal(own, std::get<Decimal>(cell).unscaled, static_cast<unsigned>(scale));
    return compare(digits_of(own), number);
  };
}

bool is_uuid(const std::string& text) {
  bool valid = text.size() == 36;
  for (std::size_t i = 0; valid && i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    valid = std::string(hyphen ? "-" : "0123456789abcdef").find(text[i]) != std::string::npos;
  }
  return valid;
}

bool is_number(const std::string& text, bool signs, bool point) {
  std::size_t at = text.starts_with('-') || (signs && text.starts_with('+')) ? 1 : 0;
  const std::size_t end = text.find_first_not_of("0123456789", at);
  if (end == at || at == text.size()) return false;
  if (end == std::string::npos) return true;
  if (!point || text[end] != '.' || end + 1 == text.size()) return false;
  return text.find_first_not_of("0123456789", end + 1) == std::string::npos;
}

Order whole_order(const std::string& text) {
  return [number = digits_of(text)](const Cell& cell) {
    return compare(digits_of(std::to_string(std::get<std::int64_t>(cell))), number);
  };
}

Order double_order(double number) {
  return [number](const Cell& cell) { return sign(std::get<double>(cell), number); };
}

std::optional<Order> timestamp_order(const std::string& text) {
  const auto micros = parse_timestamp(text);
  if (!micros) return std::nullopt;
  // Digits that a cell cannot have make the value a later one.
  const std::size_t point = text.find('.');
  const bool later = point != std::string::npos && text.size() > point + 7 &&
                     text.substr(point + 7).find_first_of("123456789") <
                         text.substr(point + 7).find_first_not_of("0123456789");
  return [micros = *micros, later](const Cell& cell) {
    const int order = sign(std::get<std::int64_t>(cell), micros);
    return order == 0 && later ? -1 : order;
  };
}

std::optional<Order> text_order(const Column& column, const std::string& text) {
  switch (column.type) {
    case Type::varchar:
      return [text](const Cell& cell) { return sign(std::get<std::string>(cell), text); };
    case Type::boolean: {
      const std::string word = lower(text);
      if (word != "true" && word != "false" && word != "1" && word != "0") return std::nullopt;
      return [flag = word == "true" || word == "1"](const Cell& cell) {
        return sign(std::get<bool>(cell), flag);
      };
    }
    case Type::integer:
    case Type::bigint:
      if (!is_number(text, true, false)) return std::nullopt;
      return whole_order(text);
    case Type::float64: {
      const std::string digits = text.starts_with('+') ? text.substr(1) : text;
      char* end = nullptr;
      const double number = std::strtod(digits.c_str(), &end);
      const bool plain = !digits.empty() && *end == '\0' && !digits.starts_with('+') &&
                         digits.find_first_not_of("0123456789+-.eE") == std::string::npos;
      if (!plain || !std::isfinite(number)) return std::nullopt;
      return double_order(number);
    }
    case Type::date: {
      const auto days = parse_date(text);
      if (!days) return std::nullopt;
      return
          [days = std::int64_t{*days}](const Cell& cell) { return sign(std::get<std::int64_t>(cell), days); };
    }
    case Type::decimal:
      if (!is_number(text, true, true)) return std::nullopt;
      return decimal_order(text, column.scale);
    case Type::uuid:
      if (!is_uuid(lower(text))) return std::nullopt;
      return [uuid = lower(text)](const Cell& cell) { return sign(std::get<std::string>(cell), uuid); };
    case Type::timestamp:
    case Type::timestamptz:
      return timestamp_order(text);
    case Type::json:
      return std::nullopt;
  }
  return std::nullopt;
}

// Returns nullopt if the text cannot be read as a value of the column's type.
std::optional<Order> order_of(const Column& column, const std::string& type, const std::string& text,
                              const DayOf& day_of) {
  if (type == "date" && (column.type == Type::timestamp || column.type == Type::timestamptz)) {
    return [days = std::int64_t{*parse_date(text)}, day_of](const Cell& cell) {
      return sign(day_of(std::get<std::int64_t>(cell)), days);
    };
  }
  if ((type == "integer" || type == "number") &&
      (column.type == Type::integer || column.type == Type::bigint))
    return whole_order(text);
  if (column.type == Type::decimal) return text_order(column, text);
  if (type == "number") return double_order(std::strtod(text.c_str(), nullptr));
  if (type == "integer" && column.type == Type::float64) {
    return [number = static_cast<long double>(std::strtoll(text.c_str(), nullptr, 10))](const Cell& cell) {
      return sign(static_cast<long double>(std::get<double>(cell)), number);
    };
  }
  return text_order(column, text);
}

bool holds(const std::string& op, int order) {
  if (op == "eq") return order == 0;
  if (op == "ne") return order != 0;
  if (op == "gt") return order > 0;
  if (op == "gte") return order >= 0;
  if (op == "lt") return order < 0;
  return order <= 0;
}

std::function<bool(const Cell&)> text_test(const std::string& op, const std::string& sought) {
  return [op, sought](const Cell& cell) {
    if (is_null(cell)) return false;
    const std::string& text = std::get<std::string>(cell);
    if (op == "prefix") return text.starts_with(sought);
    if (op == "contains") return text.find(sought) != std::string::npos;
    return lower(text).find(lower(sought)) != std::string::npos;
  };
}

void append_code_point(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code >> 6)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (code >> 12)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | (code >> 18)));
    out.push_back(static_cast<char>(0x80 | ((code >> 12) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

std::uint32_t lower(std::uint32_t code) {
  const bool ascii = code >= 'A' && code <= 'Z';
  const bool latin = code >= 0xC0 && code <= 0xDE && code != 0xD7;
  const bool greek = code >= 0x391 && code <= 0x3A9;
  const bool cyrillic = code >= 0x410 && code <= 0x42F;
  if (ascii || latin || greek || cyrillic) return code + 32;
  if (code == 0x130) return 'i';
  return code == 0x1E9E ? 0xDF : code;
}

}  // namespace

std::int64_t day_in_utc(std::int64_t micros) {
  return micros >= 0 ? micros / kDay : (micros + 1) / kDay - 1;
}

bool is_null(const Cell& cell) {
  const auto* number = std::get_if<double>(&cell);
  return std::holds_alternative<std::monostate>(cell) || (number != nullptr && !std::isfinite(*number));
}

std::string lower(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    std::uint32_t code = length == 1 ? first : first & (0x7FU >> length);
    for (std::size_t k = 1; k < length; ++k)
      code = code << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    append_code_point(out, lower(code));
    i += length;
  }
  return out;
}

int compare_decimals(const std::string& a, const std::string& b) {
  return compare(digits_of(a), digits_of(b));
}

std::optional<Condition> condition_of(const Filter& filter, const Column& column, const std::string& type,
                                      const std::vector<std::string>& values, const DayOf& day_of) {
  Condition condition{filter.column, filter.any, {}};
  if (filter.op == "is_null") {
    const bool wanted = values.at(0) == "true" || values.at(0) == "1";
    condition.holds = [wanted](const Cell& cell) { return is_null(cell) == wanted; };
    return condition;
  }
  if (filter.op == "prefix" || filter.op == "contains" || filter.op == "icontains") {
    condition.holds = text_test(filter.op, values.at(0));
    return condition;
  }
  std::vector<Order> orders;
  for (const std::string& value : values) {
    if (auto order = order_of(column, type, value, day_of)) {
      orders.push_back(std::move(*order));
    } else if (filter.op != "eq" && filter.op != "in") {
      return std::nullopt;
    }
  }
  const bool of_null = filter.nulls || (filter.op == "not_in" && values.empty());
  const bool list = filter.op == "in" || filter.op == "not_in";
  condition.holds = [op = filter.op, orders, of_null, list](const Cell& cell) {
    if (is_null(cell)) return of_null;
    const bool found =
        std::ranges::any_of(orders, [&](const Order& order) { return holds(list ? "eq" : op, order(cell)); });
    return op == "not_in" ? !found : found;
  };
  return condition;
}

}  // namespace offloader::executor::testing::model
