#include "parquet_codec.h"

#include <brotli/decode.h>
#include <lz4.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <limits>

namespace offloader::engine {
namespace {

// Numbers of parquet.thrift. LZO and the first LZ4, which DuckDB does not read either, are left out.
enum Codec : std::int64_t { kNone = 0, kSnappy = 1, kGzip = 2, kBrotli = 4, kZstd = 6, kLz4Raw = 7 };

bool from_snappy(std::string_view in, std::span<char> out) {
  std::size_t size = 0;
  return snappy::GetUncompressedLength(in.data(), in.size(), &size) && size == out.size() &&
         snappy::RawUncompress(in.data(), in.size(), out.data());
}

bool from_gzip(std::string_view in, std::span<char> out) {
  constexpr int kGzipWindow = 15 + 16;
  if (in.size() > std::numeric_limits<uInt>::max() || out.size() > std::numeric_limits<uInt>::max()) {
    return false;
  }
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return false;
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));  // it is not written to
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool sound = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  return sound;
}

bool from_brotli(std::string_view in, std::span<char> out) {
  std::size_t size = out.size();
  return BrotliDecoderDecompress(in.size(), reinterpret_cast<const std::uint8_t*>(in.data()), &size,
                                 reinterpret_cast<std::uint8_t*>(out.data())) ==
             BROTLI_DECODER_RESULT_SUCCESS &&
         size == out.size();
}

bool from_zstd(std::string_view in, std::span<char> out) {
  return ZSTD_decompress(out.data(), out.size(), in.data(), in.size()) == out.size();
}

bool from_lz4(std::string_view in, std::span<char> out) {
  if (in.size() > std::numeric_limits<int>::max() || out.size() > std::numeric_limits<int>::max()) {
    return false;
  }
  return LZ4_decompress_safe(in.data(), out.data(), static_cast<int>(in.size()),
                             static_cast<int>(out.size())) == static_cast<int>(out.size());
}

}  // namespace

bool is_known_codec(std::int64_t codec) {
  return codec == kNone || codec == kSnappy || codec == kGzip || codec == kBrotli || codec == kZstd ||
         codec == kLz4Raw;
}

bool decompress_page(std::int64_t codec, std::string_view in, std::span<char> out) {
  switch (codec) {
    case kSnappy:
      return from_snappy(in, out);
    case kGzip:
      return from_gzip(in, out);
    case kBrotli:
      return from_brotli(in, out);
    case kZstd:
      return from_zstd(in, out);
    case kLz4Raw:
      return from_lz4(in, out);
    default:
      return false;
  }
}

}  // namespace offloader::engine
