#pragma once

#include <cstddef>
#include <string>

#include "exchange.h"
#include "offloader/base/clock.h"

namespace offloader::api {

// Returns what follows the shared part of an answer: its `meta` and the end of the document. An answer that
// is no endpoint's has only the request id in it. Requires: exchange.answer is set.
[[nodiscard]] std::string meta_of(const Exchange& exchange, serving::CacheResult result, SystemTime now);

// Bodies of more bytes than this are compressed (consumer-api.md, "Caching").
inline constexpr std::size_t kCompressFrom = 1024;

// Appends the answer to the body, compressed if the exchange asks for it and the compressed form exists, and
// Content-Encoding to the headers. Requires: exchange.answer is set.
void append_answer(http::Response& response, const Exchange& exchange, std::string meta);

}  // namespace offloader::api
