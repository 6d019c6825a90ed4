#include "scalar_kind.h"

#include <algorithm>

#include "offloader/base/ascii.h"

namespace offloader::catalog::yaml {
namespace {

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), ascii::is_digit);
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::string_view without_sign(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return text;
}

// A decimal with leading zeros is only a number: YAML 1.1 reads it as octal and YAML 1.2 does not, so its
// meaning is ambiguous.
bool is_integer(std::string_view text) {
  const std::string_view digits = without_sign(text);
  return !digits.empty() && all_digits(digits) && (digits.size() == 1 || digits.front() != '0');
}

bool is_number(std::string_view text) {
  std::string_view rest = without_sign(text);
  if (one_of(rest, {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"})) return true;
  if (rest.size() > 2 && rest[0] == '0' && rest[1] == 'x')
    return std::ranges::all_of(rest.substr(2), ascii::is_hex);
  if (rest.size() > 2 && rest[0] == '0' && rest[1] == 'o')
    return rest.find_first_not_of("01234567", 2) == std::string_view::npos;
  std::size_t digits = 0;
  const auto take_digits = [&] {
    for (; !rest.empty() && ascii::is_digit(rest.front()); rest.remove_prefix(1)) ++digits;
  };
  take_digits();
  if (!rest.empty() && rest.front() == '.') {
    rest.remove_prefix(1);
    take_digits();
  }
  if (digits == 0) return false;
  if (!rest.empty() && (rest.front() == 'e' || rest.front() == 'E')) {
    rest = without_sign(rest.substr(1));
    if (rest.empty()) return false;
    return all_digits(rest);
  }
  return rest.empty();
}

Kind kind_of_plain(std::string_view text) {
  if (one_of(text, {"", "~", "null", "Null", "NULL"})) return Kind::null;
  if (one_of(text, {"true", "True", "TRUE", "false", "False", "FALSE"})) return Kind::boolean;
  if (is_integer(text)) return Kind::integer;
  if (is_number(text)) return Kind::number;
  return Kind::string;
}

}  // namespace

Kind kind_of_scalar(std::string_view tag, std::string_view text) {
  if (tag.empty() || tag == "?") return kind_of_plain(text);
  if (tag == "!" || tag == "tag:yaml.org,2002:str") return Kind::string;
  const Kind plain = kind_of_plain(text);
  const bool agrees = (tag == "tag:yaml.org,2002:int" && plain == Kind::integer) ||
                      (tag == "tag:yaml.org,2002:bool" && plain == Kind::boolean) ||
                      (tag == "tag:yaml.org,2002:null" && plain == Kind::null);
  return agrees ? plain : Kind::other;
}

}  // namespace offloader::catalog::yaml
