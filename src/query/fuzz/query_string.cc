#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "offloader/base/utf8.h"
#include "offloader/query/params.h"

// Decodes arbitrary bytes as a query string. They must be rejected, or decoded to valid text within the
// limits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string query(data, data + size);
  const auto params = offloader::query::decode_query_string(query);
  if (!params) {
    if (params.error().code != offloader::ErrorCode::invalid_param) std::abort();
    return 0;
  }
  std::size_t bytes = 0;
  for (const auto& [name, value, form] : *params) {
    for (const std::string& text : {name, value}) {
      if (!offloader::is_utf8(text) || text.find('\0') != std::string::npos) std::abort();
    }
    if (form != offloader::query::SentParam::Form::text) std::abort();
    bytes += name.size() + value.size();
  }
  if (bytes > size || params->size() > 256) std::abort();
  return 0;
}
