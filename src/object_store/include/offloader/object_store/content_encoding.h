#pragma once

#include <string_view>

namespace offloader::object_store {

// Whether the bytes of an object that is stored or sent with this Content-Encoding are those of a file of
// that name: none is one, and so is gzip of a name that ends in `.gz`, which web servers and uploads often
// add. What else is encoded reads as garbage. `url` may end in a query that was redacted.
[[nodiscard]] bool encoding_fits_name(std::string_view encoding, std::string_view url);

}  // namespace offloader::object_store
