#pragma once

#include <span>
#include <string>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/catalog/catalog.h"

// Checks the values of declared params against the contract: type, enum, bounds, length, lists. Messages name
// the param and never repeat a value. Pure.
namespace offloader::query {

// Returns the value that `text` means: the enum value or alias target that it names, or the text itself.
// Points into the param or to `text`. Fails with invalid_param.
[[nodiscard]] Result<const std::string*> check_value(const catalog::Param& param, const std::string& text);

// Returns the values of a list param, each checked, in the order sent. One text is split (list_syntax.h);
// each of several texts is a value. Fails with invalid_param.
[[nodiscard]] Result<std::vector<std::string>> check_list(const catalog::Param& param,
                                                          std::span<const std::string* const> texts);

// Returns "param `name`".
[[nodiscard]] std::string in_quotes(std::string_view name);

}  // namespace offloader::query
