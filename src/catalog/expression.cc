#include "offloader/catalog/expression.h"

#include <algorithm>

#include "offloader/base/ascii.h"

namespace offloader::catalog {
namespace {

using Kind = ExpressionStep::Kind;

using ascii::is_digit;

bool is_word(char c) {
  return ascii::is_alnum(c) || c == '_';
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// A recursive-descent parser. After the first mistake every function returns at once.
class Parser {
 public:
  Parser(std::string_view text, const FindPart& find) : text_(text), find_(find) {}

  tl::expected<Expression, ExpressionError> parse() {
    sum(0);
    skip_spaces();
    if (!error_ && at_ < text_.size()) fail_at(at_, "unexpected " + shown(at_), "use + - * / between values");
    if (!error_ && !named_) fail_at(0, "it names no aggregate", "select an aggregate, and use its name");
    if (error_) return tl::unexpected(std::move(*error_));
    const int scale = scales_.back();
    if (!known_ || scale == kInexact) return std::move(out_);
    if (too_fine_) {
      fail_at(*too_fine_, "the product would have more than 38 digits after the point",
              "multiply fewer decimals");
      return tl::unexpected(std::move(*error_));
    }
    out_.type = decimal_type(kMostDecimalDigits, scale);
    return std::move(out_);
  }

 private:
  void sum(std::size_t depth) {
    product(depth);
    while (!error_) {
      const std::size_t at = skip_spaces();
      const char sign = peek();
      if (sign != '+' && sign != '-') return;
      ++at_;
      product(depth);
      push(sign == '+' ? Kind::add : Kind::subtract, at);
    }
  }

  void product(std::size_t depth) {
    operand(depth);
    while (!error_) {
      const std::size_t at = skip_spaces();
      const char sign = peek();
      if (sign != '*' && sign != '/') return;
      ++at_;
      operand(depth);
      push(sign == '*' ? Kind::multiply : Kind::divide, at);
    }
  }

  void operand(std::size_t depth) {
    if (error_) return;
    const std::size_t at = skip_spaces();
    if (depth > kMostExpressionDepth)
      return fail_at(at, "it is nested too deeply",
                     "at most " + std::to_string(kMostExpressionDepth) + " levels are allowed");
    const char first = peek();
    if (first == '-') {
      ++at_;
      operand(depth + 1);
      return push(Kind::negate, at);
    }
    if (first == '(') {
      ++at_;
      sum(depth + 1);
      if (error_) return;
      const std::size_t end = skip_spaces();
      if (peek() != ')') return fail_at(end, "\")\" is missing", "close the parenthesis");
      ++at_;
      return;
    }
    if (is_word(first)) {
      if (++values_ <= kMostExpressionValues) return word();
      return fail_at(at, "it has too many values",
                     "at most " + std::to_string(kMostExpressionValues) + " names and numbers are allowed");
    }
    fail_at(at, at < text_.size() ? "unexpected " + shown(at) : "it ends where a value is expected",
            "write a number or the name of an aggregate");
  }

  void word() {
    const std::size_t at = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    const std::string_view name = text_.substr(at, at_ - at);
    if (std::all_of(name.begin(), name.end(), is_digit)) return number(at);
    auto found = find_(name);
    if (!found) {
      found.error().position = at + 1;
      error_ = std::move(found.error());
      return;
    }
    named_ = true;
    known_ = known_ && found->type.has_value();
    const SizedType type = found->type.value_or(ColumnType::float64);
    out_.steps.push_back({.kind = Kind::aggregate, .select = found->select, .position = at + 1});
    scales_.push_back(type == ColumnType::float64 ? kInexact : int{type.size.scale});
  }

  void number(std::size_t at) {
    if (at_ + 1 < text_.size() && text_[at_] == '.' && is_digit(text_[at_ + 1])) {
      ++at_;
      while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    }
    const std::string_view digits = text_.substr(at, at_ - at);
    const std::size_t count = digits.size() - (digits.find('.') == std::string_view::npos ? 0 : 1);
    if (count > kMostDecimalDigits) return fail_at(at, "a number has more than 38 digits", "shorten it");
    out_.steps.push_back({.kind = Kind::number, .number = std::string(digits), .position = at + 1});
    scales_.push_back(int{scale_of_number(digits)});
  }

  void push(Kind kind, std::size_t at) {
    if (error_) return;
    out_.steps.push_back({.kind = kind, .position = at + 1});
    if (kind == Kind::negate) return;
    const int second = scales_.back();
    scales_.pop_back();
    int& first = scales_.back();
    const bool exact = first != kInexact && second != kInexact && kind != Kind::divide;
    first = exact ? scale_of_result(kind, first, second) : kInexact;
    // Whether it matters is known at the end: a later part may make the whole expression a DOUBLE.
    if (first > kMostDecimalDigits && !too_fine_) too_fine_ = at;
  }

  std::size_t skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    return at_;
  }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] std::string shown(std::size_t at) const {
    const char c = text_[at];
    return c > ' ' && c <= '~' ? std::string("\"") + c + "\"" : "character";
  }
  void fail_at(std::size_t at, std::string message, std::string hint) {
    if (!error_) error_ = ExpressionError{at + 1, std::move(message), std::move(hint)};
  }

  static constexpr int kInexact = -1;

  std::string_view text_;
  const FindPart& find_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
  Expression out_;
  std::vector<int> scales_;  // of the values on the stack: their digits after the point, or kInexact
  bool named_ = false;
  bool known_ = true;  // the types of all parts are known
  std::optional<std::size_t> too_fine_;
  std::optional<ExpressionError> error_;
};

}  // namespace

tl::expected<Expression, ExpressionError> parse_expression(std::string_view text, const FindPart& find) {
  if (text.size() > kMostExpressionBytes) {
    return tl::unexpected(
        ExpressionError{kMostExpressionBytes + 1, "it is too long",
                        "at most " + std::to_string(kMostExpressionBytes) + " characters are allowed"});
  }
  return Parser(text, find).parse();
}

int scale_of_result(ExpressionStep::Kind kind, int first, int second) {
  return kind == Kind::multiply ? first + second : std::max(first, second);
}

std::uint8_t scale_of_number(std::string_view number) {
  const std::size_t point = number.find('.');
  return static_cast<std::uint8_t>(point == std::string_view::npos ? 0 : number.size() - point - 1);
}

}  // namespace offloader::catalog
