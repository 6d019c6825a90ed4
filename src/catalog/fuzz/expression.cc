#include "offloader/catalog/expression.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

// Parses arbitrary text. The steps of an expression must leave exactly one value on the stack, and a mistake
// must be inside the text or right after it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace catalog = offloader::catalog;
  using Kind = catalog::ExpressionStep::Kind;
  const std::string text(data, data + size);
  const auto parsed = catalog::parse_expression(
      text, [](std::string_view name) -> tl::expected<catalog::ExpressionPart, catalog::ExpressionError> {
        if (name.starts_with('x')) return tl::unexpected(catalog::ExpressionError{});
        if (name.starts_with('u')) return catalog::ExpressionPart{};
        catalog::ExpressionPart part{name.size(), catalog::SizedType(catalog::ColumnType::float64)};
        if (name.starts_with('d')) part.type = catalog::decimal_type(38, 12);
        return part;
      });
  if (!parsed) {
    const std::size_t at = parsed.error().position;
    if (at == 0 || at > text.size() + 1) std::abort();
    return 0;
  }
  std::size_t depth = 0;
  for (const catalog::ExpressionStep& step : parsed->steps) {
    if (step.kind == Kind::aggregate || step.kind == Kind::number) {
      ++depth;
    } else if (step.kind != Kind::negate && depth-- < 2) {
      std::abort();
    }
  }
  if (depth != 1 || text.size() > catalog::kMostExpressionBytes) std::abort();
  return 0;
}
