#pragma once

#include <brotli/encode.h>
#include <lz4.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

// Encodings that parquet_bytes.h does not write: delta encodings, and pages compressed by each codec that
// DuckDB reads. Targets that include it must link the codecs.
namespace offloader::duckdb::testing::parquet_encodings {

inline std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(0x80 | (value & 0x7F));
  return out + static_cast<char>(value);
}
inline std::string zigzag(std::int64_t value) {
  return varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

struct Layout {
  std::uint64_t block = 128;
  std::uint64_t miniblocks = 4;
};

inline std::string header(const Layout& layout, std::uint64_t total, std::int64_t first) {
  return varint(layout.block) + varint(layout.miniblocks) + varint(total) + zigzag(first);
}

// Packs values as the format specifies: each block has its smallest delta, and each miniblock its bit width.
inline std::string packed(const std::vector<std::int64_t>& values, const Layout& layout = {}) {
  std::string out = header(layout, values.size(), values.empty() ? 0 : values[0]);
  const auto each = layout.block / layout.miniblocks;
  for (std::size_t at = 1; at < values.size(); at += layout.block) {
    const auto end = std::min<std::size_t>(at + layout.block, values.size());
    std::vector<std::int64_t> deltas;
    for (std::size_t i = at; i < end; ++i) deltas.push_back(values[i] - values[i - 1]);
    const auto least = *std::ranges::min_element(deltas);
    out += zigzag(least);
    std::string widths;
    std::string bits;
    for (std::size_t mini = 0; mini < layout.miniblocks; ++mini) {
      unsigned width = 0;
      const auto from = std::min<std::size_t>(mini * each, deltas.size());
      const auto to = std::min<std::size_t>(from + each, deltas.size());
      for (auto i = from; i < to; ++i) {
        width = std::max(
            width, static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(deltas[i] - least))));
      }
      widths += static_cast<char>(width);
      if (from == to) continue;
      std::string block(each * width / 8, '\0');
      for (auto i = from; i < to; ++i) {
        const auto value = static_cast<std::uint64_t>(deltas[i] - least);
        for (unsigned bit = 0; bit < width; ++bit) {
          const auto place = (i - from) * width + bit;
          if (((value >> bit) & 1) != 0) block[place / 8] |= static_cast<char>(1 << (place % 8));
        }
      }
      bits += block;
    }
    out += widths + bits;
  }
  return out;
}

inline std::string delta_byte_array(const std::vector<std::string>& texts, const Layout& layout = {}) {
  std::vector<std::int64_t> prefixes;
  std::vector<std::int64_t> suffixes;
  std::string rest;
  std::string before;
  for (const auto& text : texts) {
    const auto same = static_cast<std::size_t>(std::ranges::mismatch(text, before).in1 - text.begin());
    prefixes.push_back(static_cast<std::int64_t>(same));
    suffixes.push_back(static_cast<std::int64_t>(text.size() - same));
    rest += text.substr(same);
    before = text;
  }
  return packed(prefixes, layout) + packed(suffixes, layout) + rest;
}

inline std::string delta_length_byte_array(const std::vector<std::string>& texts, const Layout& layout = {}) {
  std::vector<std::int64_t> lengths;
  std::string rest;
  for (const auto& text : texts) {
    lengths.push_back(static_cast<std::int64_t>(text.size()));
    rest += text;
  }
  return packed(lengths, layout) + rest;
}

using Compress = std::string (*)(const std::string&);

inline std::string by_snappy(const std::string& in) {
  std::string out;
  snappy::Compress(in.data(), in.size(), &out);
  return out;
}
inline std::string by_gzip(const std::string& in) {
  std::string out(in.size() + 200, '\0');
  z_stream stream{};
  static_cast<void>(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY));
  std::string from = in;
  stream.next_in = reinterpret_cast<Bytef*>(from.data());
  stream.avail_in = static_cast<uInt>(from.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  static_cast<void>(deflate(&stream, Z_FINISH));
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
inline std::string by_brotli(const std::string& in) {
  std::size_t size = in.size() + 200;
  std::string out(size, '\0');
  static_cast<void>(BrotliEncoderCompress(5, 20, BROTLI_MODE_GENERIC, in.size(),
                                          reinterpret_cast<const std::uint8_t*>(in.data()), &size,
                                          reinterpret_cast<std::uint8_t*>(out.data())));
  out.resize(size);
  return out;
}
inline std::string by_zstd(const std::string& in) {
  std::string out(ZSTD_compressBound(in.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), in.data(), in.size(), 3));
  return out;
}
inline std::string by_lz4(const std::string& in) {
  std::string out(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(in.size()))), '\0');
  out.resize(static_cast<std::size_t>(LZ4_compress_default(in.data(), out.data(), static_cast<int>(in.size()),
                                                           static_cast<int>(out.size()))));
  return out;
}

struct Codec {
  const char* name;
  int number;  // in parquet.thrift
  Compress compress;
};
inline const Codec kCodecs[] = {{"none", 0, nullptr},     {"snappy", 1, by_snappy}, {"gzip", 2, by_gzip},
                                {"brotli", 4, by_brotli}, {"zstd", 6, by_zstd},     {"lz4_raw", 7, by_lz4}};

}  // namespace offloader::duckdb::testing::parquet_encodings
