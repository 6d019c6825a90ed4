#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "offloader/base/byte_budget.h"
#include "offloader/rows/writer.h"

namespace offloader::rows {

// The formats of an answer. The numbers are part of cache keys and of ETags: they never change.
enum class Format : std::uint8_t { json = 1 };

// As Content-Type says it.
[[nodiscard]] std::string_view media_type(Format format);

// A writer of the format, whose text is counted in `memory`; null: unbounded.
[[nodiscard]] std::unique_ptr<Writer> make_writer(Format format,
                                                  std::shared_ptr<ByteBudget> memory = nullptr);

}  // namespace offloader::rows
