#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "offloader/serving/cached_answer.h"

// Compresses answers with gzip and zstd. The cached part is compressed once, and its stream is left open at a
// byte boundary. The part that differs from response to response is appended as one stored block that ends
// the stream. The result is one valid stream: a single gzip member or a single zstd frame. All functions are
// thread-safe.
namespace offloader::api {

// Returns the acceptable encoding with the highest q; zstd is preferred to gzip, and gzip to identity, if
// they are equal. Returns identity if neither gzip nor zstd is acceptable, even if identity is refused too
// (RFC 9110, 12.5.3).
[[nodiscard]] serving::Encoding negotiate(std::optional<std::string_view> accept_encoding);

// The levels of every answer, compressed as a whole or while it is sent.
inline constexpr int kGzipLevel = 4;
inline constexpr int kZstdLevel = 3;

// Appends the Content-Encoding of a response; nothing for identity.
void append_encoding(std::string& headers, serving::Encoding encoding);

// Limits on the compression of a large text.
struct CompressionBounds {
  std::function<bool()> go_on = nullptr;         // called after every kCompressionSlice bytes; false: give up
  std::shared_ptr<ByteBudget> memory = nullptr;  // counts the buffers and the result; null: unbounded
};
inline constexpr std::size_t kCompressionSlice = 256U << 10;

// Texts up to this size are compressed by the thread that sends them, one at a time. The memory of the
// library is then bounded by the number of threads, so it is not counted. Counting it would deny small
// answers their compression whenever a few large ones fill the budget, because it is far more than
// ByteBudget::kSmall.
inline constexpr std::size_t kCompressInline = 32U << 10;

// Compresses the part that is cached. Returns null if the text is empty, if compression is given up, if it
// does not fit into memory, or if the library fails; send the answer uncompressed then.
[[nodiscard]] std::unique_ptr<serving::CachedAnswer::Compressed> compress_open(
    serving::Encoding encoding, std::string_view text, const CompressionBounds& bounds = {});

// Returns the bytes that follow `open` on the wire and make it a complete stream of its text and `tail`.
// `open_size` is the length of its uncompressed text. Requires: `tail` is at most 60,000 bytes.
[[nodiscard]] std::string close_with(serving::Encoding encoding,
                                     const serving::CachedAnswer::Compressed& open, std::size_t open_size,
                                     std::string_view tail);

}  // namespace offloader::api
