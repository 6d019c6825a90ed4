#pragma once

#include <string_view>

namespace offloader::object_store {

// Returns whether an object with this Content-Encoding has the bytes that its name promises. That holds for
// no encoding, for gzip if the name ends in `.gz` (web servers and upload tools often add it), and for zstd
// if it ends in `.zst`. Any other encoding would be read as garbage. `url` may end in a redacted query.
[[nodiscard]] bool encoding_fits_name(std::string_view encoding, std::string_view url);

}  // namespace offloader::object_store
