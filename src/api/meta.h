#pragma once

#include <cstddef>
#include <string>

#include "exchange.h"
#include "offloader/base/clock.h"

namespace offloader::api {

// Returns what follows the cached part of an answer: its `meta` and the end of the document. Requires:
// exchange.answer is set.
[[nodiscard]] std::string meta_of(const Exchange& exchange, serving::CacheResult result, SystemTime now);

// Bodies of more bytes than this are compressed (consumer-api.md, "Caching").
inline constexpr std::size_t kCompressFrom = 1024;

}  // namespace offloader::api
