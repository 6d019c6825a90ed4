#include "compression.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "offloader/base/resize.h"

namespace offloader::api {
namespace {

using serving::CachedAnswer;
using serving::Encoding;

constexpr int kGzipLevel = 4;
constexpr int kZstdLevel = 3;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool same_word(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

// The q of one list member's params, in thousandths; 1000 without one. Malformed ones count as 0: not
// acceptable.
int quality_of(std::string_view params) {
  while (!params.empty()) {
    const auto end = params.find(';');
    const std::string_view param = trim(params.substr(0, end));
    params = end == std::string_view::npos ? std::string_view{} : params.substr(end + 1);
    if (param.size() < 2 || (param[0] != 'q' && param[0] != 'Q') || param[1] != '=') continue;
    const std::string_view value = param.substr(2);
    double q = 0;
    const auto [last, error] =
        std::from_chars(value.data(), value.data() + value.size(), q, std::chars_format::fixed);
    if (error != std::errc{} || last != value.data() + value.size() || !(q >= 0 && q <= 1)) return 0;
    return static_cast<int>(q * 1000);
  }
  return 1000;
}

void append_le32(std::string& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift & 0xFF));
}

std::unique_ptr<CachedAnswer::Compressed> open_gzip(std::string_view text) {
  z_stream stream{};
  constexpr int kRawWindow = -15;
  if (deflateInit2(&stream, kGzipLevel, Z_DEFLATED, kRawWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return nullptr;
  // RFC 1952: magic, deflate, no flags, no time, no extra flags, unknown system.
  std::string out("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10);
  const std::size_t header = out.size();
  resize_untouched(out, header + deflateBound(&stream, text.size()) + 16);
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data() + header);
  stream.avail_out = static_cast<uInt>(out.size() - header);
  const int outcome = deflate(&stream, Z_SYNC_FLUSH);
  const bool complete = outcome == Z_OK && stream.avail_in == 0 && stream.avail_out > 0;
  out.resize(header + stream.total_out);
  deflateEnd(&stream);
  if (!complete) return nullptr;
  out.shrink_to_fit();
  auto made = std::make_unique<CachedAnswer::Compressed>();
  made->crc32 = static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
  made->bytes = std::make_shared<const std::string>(std::move(out));
  return made;
}

std::unique_ptr<CachedAnswer::Compressed> open_zstd(std::string_view text) {
  const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  if (!context) return nullptr;
  if (ZSTD_isError(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kZstdLevel)))
    return nullptr;
  std::string out;
  resize_untouched(out, ZSTD_compressBound(text.size()) + 64);
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  while (true) {
    const std::size_t left = ZSTD_compressStream2(context.get(), &to, &in, ZSTD_e_flush);
    if (ZSTD_isError(left)) return nullptr;
    if (left == 0 && in.pos == in.size) break;
    if (to.pos == to.size) {
      resize_untouched(out, out.size() * 2);
      to.dst = out.data();
      to.size = out.size();
    }
  }
  out.resize(to.pos);
  out.shrink_to_fit();
  auto made = std::make_unique<CachedAnswer::Compressed>();
  made->bytes = std::make_shared<const std::string>(std::move(out));
  return made;
}

}  // namespace

Encoding negotiate(std::optional<std::string_view> accept_encoding) {
  if (!accept_encoding) return Encoding::identity;
  int gzip = -1;
  int zstd = -1;
  int any = -1;
  int identity = -1;
  std::string_view rest = *accept_encoding;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    const std::string_view member = trim(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    const auto semicolon = member.find(';');
    const std::string_view coding = trim(member.substr(0, semicolon));
    const int q = semicolon == std::string_view::npos ? 1000 : quality_of(member.substr(semicolon + 1));
    if (same_word(coding, "gzip") || same_word(coding, "x-gzip"))
      gzip = q;
    else if (same_word(coding, "zstd"))
      zstd = q;
    else if (same_word(coding, "identity"))
      identity = q;
    else if (coding == "*")
      any = q;
  }
  if (gzip < 0) gzip = any;
  if (zstd < 0) zstd = any;
  // Not named it is acceptable but not preferred; named, it is one of them.
  if (identity > std::max(zstd, gzip)) return Encoding::identity;
  if (zstd > 0 && zstd >= gzip) return Encoding::zstd;
  if (gzip > 0) return Encoding::gzip;
  return Encoding::identity;
}

std::unique_ptr<CachedAnswer::Compressed> compress_open(Encoding encoding, std::string_view text) {
  // A flush of nothing writes no zstd frame header, so there would be no stream to close.
  if (text.empty()) return nullptr;
  switch (encoding) {
    case Encoding::gzip:
      return text.size() < (1U << 31) ? open_gzip(text) : nullptr;
    case Encoding::zstd:
      return open_zstd(text);
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
    // RFC 8878, 3.1.1.2: last block, raw, its size; 3 bytes, little endian.
    const std::uint32_t header = size << 3 | 1;
    out.push_back(static_cast<char>(header & 0xFF));
    out.push_back(static_cast<char>(header >> 8 & 0xFF));
    out.push_back(static_cast<char>(header >> 16 & 0xFF));
    out.append(tail);
    return out;
  }
  // RFC 1951, 3.2.4: final block, stored; then RFC 1952's trailer.
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
