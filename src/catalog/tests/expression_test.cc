#include "offloader/catalog/expression.h"

#include <gtest/gtest.h>

#include <map>

namespace offloader::catalog {
namespace {

const std::map<std::string, SizedType, std::less<>> kTypes = {{"orders", ColumnType::bigint},
                                                              {"paid", decimal_type(38, 2)},
                                                              {"fee", decimal_type(38, 4)},
                                                              {"mean", ColumnType::float64},
                                                              {"2xx", ColumnType::bigint}};

tl::expected<ExpressionPart, ExpressionError> find(std::string_view name) {
  const auto found = kTypes.find(name);
  if (found == kTypes.end()) return tl::unexpected(ExpressionError{0, "unknown"});
  return ExpressionPart{static_cast<std::size_t>(std::distance(kTypes.begin(), found)), found->second};
}

// The steps as text, with names instead of indices.
std::string postfix(std::string_view text) {
  constexpr std::string_view kSigns = "  n+-*/";
  const auto parsed = parse_expression(text, find);
  if (!parsed) return "error at " + std::to_string(parsed.error().position) + ": " + parsed.error().message;
  std::string out;
  for (const ExpressionStep& step : parsed->steps) {
    if (!out.empty()) out += ' ';
    if (step.kind == ExpressionStep::Kind::aggregate) {
      out += std::next(kTypes.begin(), static_cast<std::ptrdiff_t>(step.select))->first;
    } else if (step.kind == ExpressionStep::Kind::number) {
      out += step.number;
    } else {
      out += kSigns[static_cast<std::size_t>(step.kind)];
    }
  }
  return out;
}

std::string type_of(std::string_view text) {
  const auto parsed = parse_expression(text, find);
  return parsed ? name_of(parsed->type) : parsed.error().message;
}

TEST(Expression, Parse_Precedence_IsThatOfArithmetic) {
  EXPECT_EQ(postfix("orders"), "orders");
  EXPECT_EQ(postfix("orders + paid * fee"), "orders paid fee * +");
  EXPECT_EQ(postfix("(orders + paid) * fee"), "orders paid + fee *");
  EXPECT_EQ(postfix("orders - paid - fee"), "orders paid - fee -");
  EXPECT_EQ(postfix("orders / paid / fee"), "orders paid / fee /");
  EXPECT_EQ(postfix("-orders*-2"), "orders n 2 n *");
  EXPECT_EQ(postfix("orders - -1"), "orders 1 n -");
  EXPECT_EQ(postfix(" 100\n*\t2xx / orders "), "100 2xx * orders /");
}

TEST(Expression, Parse_Mistake_TellsItsPosition) {
  EXPECT_EQ(postfix(""), "error at 1: it ends where a value is expected");
  EXPECT_EQ(postfix("orders +"), "error at 9: it ends where a value is expected");
  EXPECT_EQ(postfix("orders + nobody"), "error at 10: unknown");
  EXPECT_EQ(postfix("(orders"), "error at 8: \")\" is missing");
  EXPECT_EQ(postfix("orders)"), "error at 7: unexpected \")\"");
  EXPECT_EQ(postfix("orders orders"), "error at 8: unexpected \"o\"");
  EXPECT_EQ(postfix("+orders"), "error at 1: unexpected \"+\"");
  EXPECT_EQ(postfix("orders * .5"), "error at 10: unexpected \".\"");
  EXPECT_EQ(postfix("orders * 5."), "error at 11: unexpected \".\"");
  EXPECT_EQ(postfix("orders * 1e3"), "error at 10: unknown");
  EXPECT_EQ(postfix("orders \xC3\xA4"), "error at 8: unexpected character");
  EXPECT_EQ(postfix("1 + 1"), "error at 1: it names no aggregate");
  EXPECT_EQ(postfix("orders * 123456789012345678901234567890123456789"),
            "error at 10: a number has more than 38 digits");
}

TEST(Expression, Parse_LengthAndDepth_AreBounded) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "orders" + std::string(depth, ')');
  };
  EXPECT_EQ(postfix(nested(kMostExpressionDepth)), "orders");
  EXPECT_EQ(postfix(nested(kMostExpressionDepth + 1)), "error at 34: it is nested too deeply");
  EXPECT_EQ(postfix(std::string(kMostExpressionDepth + 1, '-') + "orders"),
            "error at 34: it is nested too deeply");
  std::string longest = "orders";
  for (std::size_t i = 1; i < kMostExpressionValues; ++i) longest += " + 1";
  EXPECT_TRUE(parse_expression(longest, find));
  EXPECT_EQ(postfix(longest + "+ 1"), "error at 261: it has too many values");
  longest.resize(kMostExpressionBytes, ' ');
  EXPECT_TRUE(parse_expression(longest, find));
  EXPECT_EQ(postfix(longest + " "), "error at 1001: it is too long");
}

TEST(Expression, Type_ExactParts_IsADecimal) {
  EXPECT_EQ(type_of("orders"), "DECIMAL(38,0)");
  EXPECT_EQ(type_of("paid + orders"), "DECIMAL(38,2)");
  EXPECT_EQ(type_of("paid - fee"), "DECIMAL(38,4)");
  EXPECT_EQ(type_of("paid * fee"), "DECIMAL(38,6)");
  EXPECT_EQ(type_of("-paid * 1.50"), "DECIMAL(38,4)");
  EXPECT_EQ(type_of("paid / orders"), "DOUBLE");
  EXPECT_EQ(type_of("paid * mean"), "DOUBLE");
  EXPECT_EQ(type_of("paid / 2 + orders"), "DOUBLE");
}

TEST(Expression, Type_MoreThan38DigitsAfterThePoint_IsRejectedOnlyIfExact) {
  const std::string tiny = "0." + std::string(20, '0') + "1";
  EXPECT_EQ(type_of("orders * " + tiny), "DECIMAL(38,21)");
  EXPECT_EQ(postfix("orders * " + tiny + " * " + tiny),
            "error at 34: the product would have more than 38 digits after the point");
  EXPECT_EQ(type_of("mean + orders * " + tiny + " * " + tiny), "DOUBLE");
  EXPECT_EQ(type_of("orders * " + tiny + " * " + tiny + " / 1"), "DOUBLE");
}

}  // namespace
}  // namespace offloader::catalog
