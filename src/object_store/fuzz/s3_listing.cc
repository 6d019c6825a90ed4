#include "s3_listing.h"

#include <cstddef>
#include <cstdint>

// Parses any bytes as a listing answer: the result is an error or a page, never a crash or a hang.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto page = offloader::object_store::parse_s3_listing({reinterpret_cast<const char*>(data), size});
  if (!page) return 0;
  for (const auto& object : page->objects) (void)offloader::object_store::unquoted_etag(object.etag);
  return 0;
}
