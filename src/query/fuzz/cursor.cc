#include "offloader/query/cursor.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

// Decodes arbitrary bytes. They must be rejected, or be exactly those that the cursor is encoded to.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace query = offloader::query;
  const std::string bytes(data, data + size);
  const auto cursor = query::decode_cursor(bytes);
  if (cursor && query::encode(*cursor) != bytes) std::abort();
  return 0;
}
