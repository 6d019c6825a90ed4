#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace offloader::api {

// Returns the values of `for` of a `Forwarded` header (RFC 7239, 4), one for each element in order, without
// quotes; an empty text for an element without one. Commas and semicolons in quotes separate nothing. Returns
// nullopt if the header is malformed: then nothing in it can be told from what a client made up. An element
// that names `for` twice is malformed too.
[[nodiscard]] std::optional<std::vector<std::string>> forwarded_for(std::string_view header);

}  // namespace offloader::api
