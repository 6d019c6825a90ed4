#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "offloader/catalog/keys_text.h"

// The JSON of a keys file with a key a line, for KeysText.
namespace offloader::catalog {

// Returns the members of a JSON object that are texts, in their order. Returns nullopt if it is no object.
[[nodiscard]] std::optional<std::vector<std::pair<std::string, std::string>>> texts_of_json(
    std::string_view line);

// Returns the object with a member set to a text, or removed (nullopt). The other members keep their order.
[[nodiscard]] std::optional<std::string> changed_json(std::string_view line, std::string_view name,
                                                      std::optional<std::string_view> value);

[[nodiscard]] std::string json_of(const KeysText::Entry& entry);

}  // namespace offloader::catalog
