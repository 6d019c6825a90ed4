// Reads arbitrary bytes as the body of a batch. They must be rejected with reasons within their limits, or
// read to at most the maximum of requests with valid texts.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "batch_body.h"
#include "offloader/base/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMost = 4;
  const std::string body(data, data + size);
  const auto requests = offloader::api::read_batch(body, kMost);
  if (!requests) {
    const offloader::Error& error = requests.error();
    if (error.code != offloader::ErrorCode::invalid_param || error.problems == nullptr) std::abort();
    if (error.problems->empty() || error.problems->size() > 50) std::abort();
    return 0;
  }
  if (requests->size() > kMost) std::abort();
  for (const auto& request : *requests) {
    if (!offloader::is_utf8(request.endpoint)) std::abort();
    if (request.id && (!offloader::is_utf8(*request.id) || request.id->size() > 4 * offloader::api::kMaxId))
      std::abort();
    if (!request.params && request.params.error().message.empty()) std::abort();
    if (request.params && request.params->size() > offloader::query::kMaxValues) std::abort();
  }
  return 0;
}
