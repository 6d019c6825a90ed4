#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "offloader/catalog/sized_type.h"

// Arithmetic over aggregates (project-files.md, `expr`). Pure; any thread may call these functions.
namespace offloader::catalog {

// The longest text of an expression, in bytes; the most names and numbers in it; the most parentheses and
// signs inside each other. DuckDB prepares 64 values in 50 ms, and takes seconds for hundreds.
inline constexpr std::size_t kMostExpressionBytes = 1000;
inline constexpr std::size_t kMostExpressionValues = 64;
inline constexpr std::size_t kMostExpressionDepth = 32;

// One step of an expression in postfix order. The numbers are part of contract fingerprints: never change
// them.
struct ExpressionStep {
  enum class Kind : std::uint8_t {
    aggregate = 0,
    number = 1,
    negate = 2,
    add = 3,
    subtract = 4,
    multiply = 5,
    divide = 6,
  };
  Kind kind = Kind::number;
  std::size_t select = 0;    // of an aggregate: index into the endpoint's select
  std::string number{};      // of a number: digits with an optional point, at most 38 of them
  std::size_t position = 0;  // in the text, from 1

  friend bool operator==(const ExpressionStep&, const ExpressionStep&) = default;
};

struct Expression {
  std::vector<ExpressionStep> steps{};
  // DOUBLE, or a DECIMAL of 38 digits if all parts are exact and nothing is divided.
  SizedType type = ColumnType::float64;

  [[nodiscard]] bool exact() const { return type == ColumnType::decimal; }
};

struct ExpressionError {
  std::size_t position = 0;  // in the text, from 1
  std::string message;
  std::string hint{};
};

// An aggregate that an expression names.
struct ExpressionPart {
  std::size_t select = 0;
  std::optional<SizedType> type{};  // nullopt: not known, because its select has a mistake
};
using FindPart = std::function<tl::expected<ExpressionPart, ExpressionError>(std::string_view name)>;

// Parses `+ - * /`, parentheses, decimal numbers and names, which `find` resolves; the position of its errors
// is set here. A word of digits is a number, every other word a name. Uses bounded time and stack. Fails also
// if an exact result would have more than 38 digits after the point, or if no name is used. If the type of a
// part is unknown, so is that of the expression, and it is DOUBLE.
[[nodiscard]] tl::expected<Expression, ExpressionError> parse_expression(std::string_view text,
                                                                         const FindPart& find);

// Returns the number of digits after the point of a sum, difference or product of exact numbers with so many.
[[nodiscard]] int scale_of_result(ExpressionStep::Kind kind, int first, int second);

// Returns the number of digits after the point.
[[nodiscard]] std::uint8_t scale_of_number(std::string_view number);

}  // namespace offloader::catalog
