#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "offloader/base/byte_budget.h"
#include "offloader/rows/writer.h"

namespace offloader::rows {

// The format of an answer. The numbers are part of cache keys and ETags, so they must never change.
enum class Format : std::uint8_t { json = 1 };

// Returns the format's value for Content-Type.
[[nodiscard]] std::string_view media_type(Format format);

// Returns a writer of the format. `memory` bounds the text that it holds; null: unbounded.
[[nodiscard]] std::unique_ptr<Writer> make_writer(Format format,
                                                  std::shared_ptr<ByteBudget> memory = nullptr);

}  // namespace offloader::rows
