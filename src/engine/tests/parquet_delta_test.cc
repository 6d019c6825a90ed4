#include <brotli/encode.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <lz4.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <random>

#include "parquet_bytes.h"
#include "parquet_codec.h"
#include "parquet_delta.h"
#include "parquet_page_check.h"
#include "parquet_pages.h"
#include "remote_scene.h"

// Pages of the delta encodings, whose damage DuckDB follows out of its memory.
namespace offloader::engine {
namespace {

using catalog::ColumnType;
using manifest::FileFormat;
using manifest::ResolvedFile;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Encoding = PageHeader::Encoding;

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(0x80 | (value & 0x7F));
  return out + static_cast<char>(value);
}
std::string zigzag(std::int64_t value) {
  return varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

struct Layout {
  std::uint64_t block = 128;
  std::uint64_t miniblocks = 4;
};

std::string header(const Layout& layout, std::uint64_t total, std::int64_t first) {
  return varint(layout.block) + varint(layout.miniblocks) + varint(total) + zigzag(first);
}

// Packs as the format describes it: each block has its least delta, and each miniblock its width.
std::string packed(const std::vector<std::int64_t>& values, const Layout& layout = {}) {
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

std::string delta_byte_array(const std::vector<std::string>& texts, const Layout& layout = {}) {
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

std::string delta_length_byte_array(const std::vector<std::string>& texts, const Layout& layout = {}) {
  std::vector<std::int64_t> lengths;
  std::string rest;
  for (const auto& text : texts) {
    lengths.push_back(static_cast<std::int64_t>(text.size()));
    rest += text;
  }
  return packed(lengths, layout) + rest;
}

std::vector<std::string> random_texts(std::mt19937_64& random, std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = out.empty() ? "" : out.back().substr(0, random() % (out.back().size() + 1));
    for (auto more = random() % (random() % 8 == 0 ? 200 : 6); more > 0; --more) {
      text += static_cast<char>('a' + random() % 26);
    }
    out.push_back(text);
  }
  return out;
}

TEST(ParquetDelta, SoundValuesOfAnyLayout_HaveNoProblem) {
  std::mt19937_64 random(7);
  for (const Layout layout : {Layout{128, 4}, Layout{2048, 8}, Layout{32, 1}, Layout{256, 1}}) {
    for (const std::size_t count : {0, 1, 2, 32, 33, 64, 129, 1000}) {
      const auto texts = random_texts(random, count);
      const auto arrays = delta_byte_array(texts, layout);
      EXPECT_EQ(delta_problem(Encoding::kDeltaByteArray, arrays, count), std::nullopt) << count;
      const auto lengths = delta_length_byte_array(texts, layout);
      EXPECT_EQ(delta_problem(Encoding::kDeltaLengthByteArray, lengths, count), std::nullopt) << count;
      // A null is a value without a delta.
      EXPECT_EQ(delta_problem(Encoding::kDeltaByteArray, arrays, count + 5), std::nullopt) << count;
    }
  }
}

TEST(ParquetDelta, WhatDuckdbWouldFollowOutOfItsMemory_IsTold) {
  const auto problem = [](Encoding encoding, const std::string& bytes, std::uint64_t values = 3) {
    return delta_problem(encoding, bytes, values).value_or("");
  };
  for (const auto encoding : {Encoding::kDeltaLengthByteArray, Encoding::kDeltaByteArray}) {
    EXPECT_EQ(problem(encoding, header({0, 4}, 3, 1)), "its block size is 0");
    EXPECT_EQ(problem(encoding, header({1ULL << 40, 4}, 3, 1)), "its block size is 1099511627776");
    EXPECT_EQ(problem(encoding, header({128, 0}, 3, 1)), "its blocks of 128 values have 0 parts");
    EXPECT_EQ(problem(encoding, header({128, 3}, 3, 1)), "its blocks of 128 values have 3 parts");
    EXPECT_EQ(problem(encoding, header({128, 8}, 3, 1)), "its blocks of 128 values have 8 parts");
    EXPECT_EQ(problem(encoding, header({128, 4}, 4, 1)), "it has 4 values, and may have 3");
    EXPECT_EQ(problem(encoding, header({128, 4}, (1ULL << 62) + 3, 1)),
              "it has 4611686018427387907 values, and may have 3");
    EXPECT_EQ(problem(encoding, header({128, 4}, 1 << 27, 1), 1 << 27),
              "it has 134217728 values, and may have 67108864");
    EXPECT_EQ(problem(encoding, ""), "its header is cut off");
    EXPECT_EQ(problem(encoding, std::string(40, '\x80')), "its header is cut off");
  }
  const std::string none = packed({0, 0, 0});
  EXPECT_EQ(problem(Encoding::kDeltaByteArray, none + header({0, 4}, 3, 1)), "its block size is 0");
  EXPECT_EQ(problem(Encoding::kDeltaByteArray, none + packed({1, 1}) + "ab"),
            "it has more prefixes than suffixes, or fewer");
  EXPECT_EQ(problem(Encoding::kDeltaByteArray, packed({0, 2, 0}) + packed({1, 1, 1}) + "abc"),
            "value 1 begins with more than the value before it has");
  EXPECT_EQ(problem(Encoding::kDeltaByteArray, none + packed({1, 1, 2}) + "abc"),
            "value 2 ends behind the page");
  // 10 of the value before and -5 of its own: together a text of 5, which is what DuckDB makes room for.
  EXPECT_EQ(problem(Encoding::kDeltaByteArray, packed({0, 10, 0}) + packed({10, -5, 1}) + "abcdefghijk"),
            "value 1 ends behind the page");
  EXPECT_EQ(problem(Encoding::kDeltaByteArray, packed({0, 0, 40}).substr(0, 8)), "its prefixes are cut off");
  EXPECT_EQ(problem(Encoding::kDeltaByteArray, none + packed({0, 0, 40}).substr(0, 8)),
            "its suffixes are cut off");
}

using Compress = std::string (*)(const std::string&);

std::string by_snappy(const std::string& in) {
  std::string out;
  snappy::Compress(in.data(), in.size(), &out);
  return out;
}
std::string by_gzip(const std::string& in) {
  std::string out(in.size() + 200, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string from = in;
  stream.next_in = reinterpret_cast<Bytef*>(from.data());
  stream.avail_in = static_cast<uInt>(from.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
std::string by_brotli(const std::string& in) {
  std::size_t size = in.size() + 200;
  std::string out(size, '\0');
  EXPECT_EQ(BrotliEncoderCompress(5, 20, BROTLI_MODE_GENERIC, in.size(),
                                  reinterpret_cast<const std::uint8_t*>(in.data()), &size,
                                  reinterpret_cast<std::uint8_t*>(out.data())),
            BROTLI_TRUE);
  out.resize(size);
  return out;
}
std::string by_zstd(const std::string& in) {
  std::string out(ZSTD_compressBound(in.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), in.data(), in.size(), 3));
  return out;
}
std::string by_lz4(const std::string& in) {
  std::string out(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(in.size()))), '\0');
  out.resize(static_cast<std::size_t>(LZ4_compress_default(in.data(), out.data(), static_cast<int>(in.size()),
                                                           static_cast<int>(out.size()))));
  return out;
}

struct Codec {
  const char* name;
  int number;  // of parquet.thrift
  Compress compress;
};
const Codec kCodecs[] = {{"none", 0, nullptr},     {"snappy", 1, by_snappy}, {"gzip", 2, by_gzip},
                         {"brotli", 4, by_brotli}, {"zstd", 6, by_zstd},     {"lz4_raw", 7, by_lz4}};

TEST(ParquetCodec, APageIsWhatItSays_OrFalse) {
  std::mt19937_64 random(3);
  for (const auto& codec : kCodecs) {
    if (codec.compress == nullptr) continue;
    for (const std::size_t size : {0, 1, 500, 100'000}) {
      std::string in;
      while (in.size() < size) in += std::to_string(random() % 1000);
      in.resize(size);
      const auto stored = codec.compress(in);
      std::string out(size, '\0');
      EXPECT_TRUE(decompress_page(codec.number, stored, out)) << codec.name << size;
      EXPECT_EQ(out, in);
      std::string longer(size + 1, '\0');
      EXPECT_FALSE(decompress_page(codec.number, stored, longer)) << codec.name << size;
      if (size == 0) continue;
      std::string shorter(size - 1, '\0');
      EXPECT_FALSE(decompress_page(codec.number, stored, shorter)) << codec.name << size;
      EXPECT_FALSE(decompress_page(codec.number, stored.substr(0, stored.size() / 2), out))
          << codec.name << size;
    }
  }
  for (const int unknown : {-1, 3, 5, 8}) EXPECT_FALSE(is_known_codec(unknown));
}

TEST(ParquetPageCheck, ADictionaryOfMoreValuesThanBytes_IsTold) {
  PageHeader page;
  page.type = PageHeader::kDictionary;
  page.body = page.uncompressed = 40;
  page.values.count = 41;
  EXPECT_EQ(header_problem({}, page), PageProblem{"has a dictionary of 41 values in 40 bytes"});
  page.values.count = 40;
  EXPECT_EQ(header_problem({}, page), std::nullopt);
  page.values.count = -1;
  EXPECT_EQ(header_problem({}, page), PageProblem{"has negative numbers in its header"});
}

// Files of one column of texts, OPTIONAL, in each codec and page version.
class ParquetDeltaPages : public RemoteScene {
 protected:
  ParquetDeltaPages() { dataset_.schema = {{"text", ColumnType::varchar}}; }

  ResolvedFile page(const Codec& codec, bool v2, int encoding, const std::string& values) {
    const auto name = fmt::format("{}-{}-{}.parquet", codec.name, v2 ? 2 : 1, ++files_);
    parquet_bytes::Column column{"text",   parquet_bytes::kBytes, {}, {},    0,
                                 encoding, codec.number,          -1, false, false};
    column.values.resize(3);
    column.encoded = values;
    column.compress = codec.compress;
    column.v2 = v2;
    std::ofstream(root_ / name, std::ios::binary) << parquet_bytes::file_of({column});
    return file_of(name.c_str(), FileFormat::parquet);
  }
  int files_ = 0;
};

TEST_F(ParquetDeltaPages, SoundPagesOfEachCodec_AreServed) {
  const std::vector<std::string> texts = {"ab", "abc", "x"};
  for (const auto& codec : kCodecs) {
    for (const bool v2 : {false, true}) {
      SCOPED_TRACE(fmt::format("{} v{}", codec.name, v2 ? 2 : 1));
      const auto expected = R"([{"text":"ab"},{"text":"abc"},{"text":"x"}])";
      EXPECT_EQ(answer({page(codec, v2, Encoding::kDeltaByteArray, delta_byte_array(texts))}), expected);
      EXPECT_EQ(answer({page(codec, v2, Encoding::kDeltaLengthByteArray, delta_length_byte_array(texts))}),
                expected);
    }
  }
}

TEST_F(ParquetDeltaPages, ABlockSizeOf0_IsRefusedAndTheProcessLives) {
  const std::vector<std::string> texts = {"ab", "abc", "x"};
  for (const auto& codec : kCodecs) {
    for (const bool v2 : {false, true}) {
      for (const int encoding : {6, 7}) {
        SCOPED_TRACE(fmt::format("{} v{} encoding {}", codec.name, v2 ? 2 : 1, encoding));
        auto values = encoding == 7 ? delta_byte_array(texts) : delta_length_byte_array(texts);
        values.replace(0, 2, std::string(1, '\0'));  // was 128, in two bytes
        const auto bad = page(codec, v2, encoding, values);
        const auto message = HasSubstr("page at byte 4 is not of its encoding: its block size is 0.");
        EXPECT_THAT(refusal({bad}), AllOf(HasSubstr("schema_data_mismatch at text: Column text: "), message));
        const auto built = engine_->build(remote_request({upload(bad)}));
        ASSERT_FALSE(built);
        EXPECT_EQ(built.error().error.code, ErrorCode::rejected);
        EXPECT_THAT(to_text(built.error().findings), message);
      }
    }
  }
}

TEST_F(ParquetDeltaPages, HeadersThatDoNotHold_AreRefused) {
  const auto values = delta_byte_array({"ab", "abc", "x"});
  const auto refused = [&](auto change) {
    parquet_bytes::Column column{"text", parquet_bytes::kBytes, {}, {}, 0, 7, 1, -1, false, false};
    column.values.resize(3);
    column.encoded = values;
    column.compress = by_snappy;
    column.v2 = true;
    change(column);
    const auto name = fmt::format("h{}.parquet", ++files_);
    std::ofstream(root_ / name, std::ios::binary) << parquet_bytes::file_of({column});
    return refusal({file_of(name.c_str(), FileFormat::parquet)});
  };
  EXPECT_THAT(refused([](auto& column) { column.page_count = -1; }),
              HasSubstr("has negative numbers in its header"));
  EXPECT_THAT(refused([](auto& column) {
                column.says_uncompressed = true;
                column.compress = [](const std::string& in) { return in + std::string(100, 'x'); };
              }),
              HasSubstr("is not compressed, and has "));
  EXPECT_THAT(
      refused([](auto& column) { column.uncompressed_size = (128 << 20) + 1; }),
      AllOf(HasSubstr("may have 128 MiB in its encoding: write smaller pages."), Not(HasSubstr("damaged"))));
  EXPECT_THAT(refused([](auto& column) {
                column.compress = [](const std::string&) { return std::string("\xFF\xFF"); };
              }),
              HasSubstr("cannot be decompressed"));
  EXPECT_THAT(refused([](auto& column) { column.level_size = 1 << 20; }),
              HasSubstr("has levels behind its end"));
}

}  // namespace
}  // namespace offloader::engine
