#include "drafts.h"
#include "offloader/base/ascii.h"
#include "offloader/base/identifier.h"

namespace offloader::catalog {

std::optional<std::string> read_identifier(const Fields& fields, std::string_view field) {
  auto name = fields.text(field, Need::required);
  if (!name || is_identifier(*name)) return name;
  const Value at = fields.at(field);
  at.report("unsafe_identifier", "the name " + at.source->quote(*name) + " is not allowed",
            "start with a lower-case letter, and use lower-case letters, digits and \"_\" (at most 63)");
  return std::nullopt;
}

std::optional<std::string> read_column_name(const Fields& fields, std::string_view field) {
  auto name = fields.text(field, Need::required);
  if (!name || is_column_name(*name)) return name;
  const Value at = fields.at(field);
  at.report("unsafe_identifier", "the column name " + at.source->quote(*name) + " is not allowed",
            "use letters, digits and \"_\" (at most 63)");
  return std::nullopt;
}

std::optional<std::string> define(Defined& defined, const std::string& name, const Value& at) {
  const auto [it, inserted] = defined.emplace(name, at.source->name + ":" + std::to_string(at.line));
  if (inserted) return std::nullopt;
  return it->second;
}

std::string lower_case(std::string_view text) {
  return ascii::to_lower(text);
}

}  // namespace offloader::catalog
