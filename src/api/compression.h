#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "offloader/serving/cached_answer.h"

// gzip and zstd of answers. The part that is cached is compressed once and its stream left open at a byte
// boundary; what differs from response to response is appended as one stored block that ends the stream. The
// result is one valid stream: for gzip a single member, for zstd a single frame.
namespace offloader::api {

// The encoding to answer with: the acceptable one of highest q, zstd before gzip before identity where equal;
// identity where it is not named and neither is acceptable, and where nothing is (RFC 9110, 12.5.3).
[[nodiscard]] serving::Encoding negotiate(std::optional<std::string_view> accept_encoding);

// What bounds the compression of a large text.
struct CompressionBounds {
  std::function<bool()> go_on = nullptr;         // asked after every kSlice bytes; false: give up
  std::shared_ptr<ByteBudget> memory = nullptr;  // what its buffers and its result are counted in
};
inline constexpr std::size_t kCompressionSlice = 256U << 10;

// Texts up to this size are compressed by the thread that sends them, one at a time. What the library holds
// meanwhile is therefore bounded by the threads, and not counted: it is far more than ByteBudget::kSmall, and
// small answers would lose their compression to a few large ones.
inline constexpr std::size_t kCompressInline = 32U << 10;

// Compresses the part to be cached. Null for nothing, when it is given up, when it does not fit into memory,
// and when the library fails: answer with identity then.
[[nodiscard]] std::unique_ptr<serving::CachedAnswer::Compressed> compress_open(
    serving::Encoding encoding, std::string_view text, const CompressionBounds& bounds = {});

// What follows `open` on the wire to make it a complete stream of its text and `tail`. `open_size` is the
// length of its uncompressed text; `tail` is at most 60,000 bytes.
[[nodiscard]] std::string close_with(serving::Encoding encoding,
                                     const serving::CachedAnswer::Compressed& open, std::size_t open_size,
                                     std::string_view tail);

}  // namespace offloader::api
