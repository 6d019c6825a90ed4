#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/query/params.h"

namespace offloader::query {

// Splits the text of a list param: comma-separated values, one with a comma or a quote in double quotes, in
// which `""` is a quote, as in CSV (consumer-api.md, "Params"). The empty text is the list without values;
// `""` is a list of one empty value. Returns nullopt for an unclosed quote, text after a closing quote, and a
// quote inside a value that is not in quotes. Stops after `most` + 1 values. Linear. Pure.
[[nodiscard]] std::optional<std::vector<std::string>> split_list(std::string_view text, std::size_t most);

// Returns the values of a list param as it was sent: a text alone is split, each of several is a value.
// Returns nullopt if the text alone is not a list. Stops after `most` + 1 values. Pure.
[[nodiscard]] std::optional<std::vector<std::string>> values_of(std::span<const SentParam* const> sent,
                                                                std::size_t most);

}  // namespace offloader::query
