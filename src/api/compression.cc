#include "compression.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "accept.h"
#include "offloader/base/ascii.h"
#include "offloader/base/little_endian.h"
#include "offloader/base/resize.h"

namespace offloader::api {
namespace {

using serving::CachedAnswer;
using serving::Encoding;

// The output buffer. It grows with the compressed size, and its memory is counted as it grows.
class Output {
 public:
  // `text` is the size of the text, `state` the memory that the library uses meanwhile; both in bytes.
  Output(const CompressionBounds& bounds, std::size_t text, std::size_t state)
      : room_(bounds.memory), beside_(text <= kCompressInline ? 0 : state), text_(text) {
    const std::size_t first = std::min(text / 4 + 1024, kCompressionSlice);
    usable_ = room_.try_resize(first + beside_);
    if (usable_) resize_untouched(out_, first);
  }

  [[nodiscard]] bool usable() const { return usable_; }
  [[nodiscard]] char* at() { return out_.data() + used_; }
  [[nodiscard]] std::size_t space() const { return out_.size() - used_; }
  void append(std::string_view bytes) { used_ += bytes.copy(at(), bytes.size()); }
  void written(std::size_t bytes) { used_ += bytes; }

  // Grows the buffer to the size that the ratio of the first `taken` bytes of the text suggests. Returns
  // false if that does not fit into memory.
  [[nodiscard]] bool grow(std::size_t taken) {
    const double ratio = taken == 0 ? 1.0 : static_cast<double>(used_) / static_cast<double>(taken);
    const auto expected = static_cast<std::size_t>(ratio * 1.05 * static_cast<double>(text_));
    const std::size_t wanted = std::max(expected, out_.size() + out_.size() / 2) + 1024;
    // While the bytes move to the larger buffer they exist twice.
    if (!room_.try_resize(wanted + out_.size() + beside_)) return false;
    resize_untouched(out_, wanted);
    room_.resize(wanted + beside_);
    return true;
  }

  [[nodiscard]] std::unique_ptr<CachedAnswer::Compressed> finish(std::uint32_t crc) && {
    out_.resize(used_);
    if (out_.capacity() - used_ > used_ / 8 && room_.try_resize(out_.capacity() + used_))
      out_.shrink_to_fit();
    auto made = std::make_unique<CachedAnswer::Compressed>();
    made->crc32 = crc;
    made->counted = std::make_shared<const serving::CountedText>(std::move(out_), std::move(room_));
    return made;
  }

 private:
  ByteHold room_;
  const std::size_t beside_;
  const std::size_t text_;
  std::string out_;
  std::size_t used_ = 0;
  bool usable_ = false;
};

bool goes_on(const CompressionBounds& bounds, std::size_t taken, std::size_t whole) {
  return taken == whole || !bounds.go_on || bounds.go_on();
}

std::unique_ptr<CachedAnswer::Compressed> open_gzip(std::string_view text, const CompressionBounds& bounds) {
  constexpr std::size_t kState = 256U << 10;
  Output out(bounds, text.size(), kState);
  z_stream stream{};
  constexpr int kRawWindow = -15;
  if (!out.usable() ||
      deflateInit2(&stream, kGzipLevel, Z_DEFLATED, kRawWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return nullptr;
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ended(&stream, deflateEnd);
  // RFC 1952 header: magic, deflate, no flags, no time, no extra flags, unknown system.
  out.append(std::string_view("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10));
  uLong crc = 0;
  for (std::size_t taken = 0; taken < text.size();) {
    const std::string_view slice = text.substr(taken, kCompressionSlice);
    taken += slice.size();
    crc = crc32(crc, reinterpret_cast<const Bytef*>(slice.data()), static_cast<uInt>(slice.size()));
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(slice.data()));
    stream.avail_in = static_cast<uInt>(slice.size());
    const int flush = taken == text.size() ? Z_SYNC_FLUSH : Z_NO_FLUSH;
    // deflate() has flushed everything once it leaves output space unused.
    do {
      if (out.space() < 64 && !out.grow(taken)) return nullptr;
      const auto space = static_cast<uInt>(std::min<std::size_t>(out.space(), 1U << 30));
      stream.next_out = reinterpret_cast<Bytef*>(out.at());
      stream.avail_out = space;
      const int outcome = deflate(&stream, flush);
      if (outcome != Z_OK && outcome != Z_BUF_ERROR) return nullptr;
      out.written(space - stream.avail_out);
    } while (stream.avail_in > 0 || stream.avail_out == 0);
    if (!goes_on(bounds, taken, text.size())) return nullptr;
  }
  return std::move(out).finish(static_cast<std::uint32_t>(crc));
}

std::unique_ptr<CachedAnswer::Compressed> open_zstd(std::string_view text, const CompressionBounds& bounds) {
  constexpr std::size_t kState = 4U << 20;  // at kZstdLevel
  Output out(bounds, text.size(), kState);
  const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(
      out.usable() ? ZSTD_createCCtx() : nullptr, ZSTD_freeCCtx);
  if (!context) return nullptr;
  if (ZSTD_isError(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kZstdLevel)))
    return nullptr;
  for (std::size_t taken = 0; taken < text.size();) {
    const std::string_view slice = text.substr(taken, kCompressionSlice);
    taken += slice.size();
    const ZSTD_EndDirective directive = taken == text.size() ? ZSTD_e_flush : ZSTD_e_continue;
    ZSTD_inBuffer in{slice.data(), slice.size(), 0};
    std::size_t left = 0;
    do {
      if (out.space() < 64 && !out.grow(taken)) return nullptr;
      ZSTD_outBuffer to{out.at(), out.space(), 0};
      left = ZSTD_compressStream2(context.get(), &to, &in, directive);
      if (ZSTD_isError(left)) return nullptr;
      out.written(to.pos);
    } while (in.pos < in.size || (directive == ZSTD_e_flush && left > 0));
    if (!goes_on(bounds, taken, text.size())) return nullptr;
  }
  return std::move(out).finish(0);
}

}  // namespace

Encoding negotiate(std::optional<std::string_view> accept_encoding) {
  if (!accept_encoding) return Encoding::identity;
  int gzip = -1;
  int zstd = -1;
  int any = -1;
  int identity = -1;
  for_each_member(*accept_encoding, [&](std::string_view coding, std::string_view params) {
    const int q = quality_of(params);
    if (ascii::iequals(coding, "gzip") || ascii::iequals(coding, "x-gzip"))
      gzip = q;
    else if (ascii::iequals(coding, "zstd"))
      zstd = q;
    else if (ascii::iequals(coding, "identity"))
      identity = q;
    else if (coding == "*")
      any = q;
  });
  if (gzip < 0) gzip = any;
  if (zstd < 0) zstd = any;
  // If identity is not named it is acceptable but not preferred; if it is named, its q competes with the
  // others.
  if (identity > std::max(zstd, gzip)) return Encoding::identity;
  if (zstd > 0 && zstd >= gzip) return Encoding::zstd;
  if (gzip > 0) return Encoding::gzip;
  return Encoding::identity;
}

void append_encoding(std::string& headers, Encoding encoding) {
  if (encoding == Encoding::gzip) headers.append("content-encoding: gzip\r\n");
  if (encoding == Encoding::zstd) headers.append("content-encoding: zstd\r\n");
}

std::unique_ptr<CachedAnswer::Compressed> compress_open(Encoding encoding, std::string_view text,
                                                        const CompressionBounds& bounds) {
  // Flushing an empty text writes no zstd frame header, so there would be no stream to close.
  if (text.empty()) return nullptr;
  switch (encoding) {
    case Encoding::gzip:
      return text.size() < (1U << 31) ? open_gzip(text, bounds) : nullptr;
    case Encoding::zstd:
      return open_zstd(text, bounds);
    case Encoding::identity:
      return nullptr;
  }
  return nullptr;
}

std::string close_with(Encoding encoding, const CachedAnswer::Compressed& open, std::size_t open_size,
                       std::string_view tail) {
  std::string out;
  out.reserve(tail.size() + 16);
  const auto size = static_cast<std::uint32_t>(tail.size());
  if (encoding == Encoding::zstd) {
    // RFC 8878, 3.1.1.2: a last, raw block; its header is 3 bytes, little endian.
    const std::uint32_t header = size << 3 | 1;
    out.push_back(static_cast<char>(header & 0xFF));
    out.push_back(static_cast<char>(header >> 8 & 0xFF));
    out.push_back(static_cast<char>(header >> 16 & 0xFF));
    out.append(tail);
    return out;
  }
  // RFC 1951, 3.2.4: a final, stored block; then the trailer of RFC 1952.
  out.push_back('\x01');
  out.push_back(static_cast<char>(size & 0xFF));
  out.push_back(static_cast<char>(size >> 8 & 0xFF));
  out.push_back(static_cast<char>(~size & 0xFF));
  out.push_back(static_cast<char>(~size >> 8 & 0xFF));
  out.append(tail);
  const auto tail_crc = crc32(0, reinterpret_cast<const Bytef*>(tail.data()), size);
  append_le32(out, static_cast<std::uint32_t>(
                       crc32_combine(open.crc32, tail_crc, static_cast<z_off_t>(tail.size()))));
  append_le32(out, static_cast<std::uint32_t>(open_size + tail.size()));
  return out;
}

}  // namespace offloader::api
