#include "compression.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <random>

namespace offloader::api {
namespace {

using serving::CachedAnswer;
using serving::Encoding;

// Decodes one gzip member, checksum and length included. The member must end exactly where the bytes end.
std::string strict_gunzip(const std::string& bytes) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(1 << 22, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0U);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

// Decodes one zstd frame, which must span all of the bytes.
std::string strict_unzstd(const std::string& bytes) {
  EXPECT_EQ(ZSTD_findFrameCompressedSize(bytes.data(), bytes.size()), bytes.size());
  std::string out(1 << 22, '\0');
  const std::size_t size = ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
  EXPECT_FALSE(ZSTD_isError(size)) << ZSTD_getErrorName(size);
  out.resize(ZSTD_isError(size) ? 0 : size);
  return out;
}

std::string join(Encoding encoding, const std::string& text, const std::string& tail) {
  const auto open = compress_open(encoding, text);
  return open->bytes() + close_with(encoding, *open, text.size(), tail);
}

TEST(Compression, CloseWith_AnyTail_CompletesOneValidStream) {
  std::mt19937_64 random(7);
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{9}, std::size_t{1700}, std::size_t{200'000}, std::size_t{1'000'000}}) {
    std::string text;
    while (text.size() < size)
      text += R"({"day":"2026-01-01","calls":)" + std::to_string(random() % 1000) + "},";
    text.resize(size);
    for (const std::string& tail : {std::string("{}}"), std::string(330, 'm'), std::string(60'000, 'n')}) {
      EXPECT_EQ(strict_gunzip(join(Encoding::gzip, text, tail)), text + tail);
      EXPECT_EQ(strict_unzstd(join(Encoding::zstd, text, tail)), text + tail);
    }
  }
}

TEST(Compression, CompressOpen_EmptyText_ReturnsNull) {
  EXPECT_EQ(compress_open(Encoding::gzip, ""), nullptr);
  EXPECT_EQ(compress_open(Encoding::zstd, ""), nullptr);
}

TEST(Compression, CompressOpen_IncompressibleText_RoundTrips) {
  std::mt19937_64 random(11);
  std::string text(300'000, '\0');
  for (char& c : text) c = static_cast<char>(random());
  EXPECT_EQ(strict_gunzip(join(Encoding::gzip, text, "tail")), text + "tail");
  EXPECT_EQ(strict_unzstd(join(Encoding::zstd, text, "tail")), text + "tail");
}

TEST(Negotiation, Negotiate_FollowsQualitiesAndPrefersZstdAmongEquals) {
  EXPECT_EQ(negotiate(std::nullopt), Encoding::identity);
  EXPECT_EQ(negotiate(""), Encoding::identity);
  EXPECT_EQ(negotiate("gzip"), Encoding::gzip);
  EXPECT_EQ(negotiate("GZip, deflate"), Encoding::gzip);
  EXPECT_EQ(negotiate("gzip, zstd"), Encoding::zstd);
  EXPECT_EQ(negotiate("gzip;q=1.0, zstd;q=0.5"), Encoding::gzip);
  EXPECT_EQ(negotiate("zstd;q=0, gzip;q=0"), Encoding::identity);
  EXPECT_EQ(negotiate("*"), Encoding::zstd);
  EXPECT_EQ(negotiate("zstd;q=0, *"), Encoding::gzip);
  EXPECT_EQ(negotiate("gzip;q=nonsense"), Encoding::identity);
  EXPECT_EQ(negotiate("br"), Encoding::identity);
  EXPECT_EQ(negotiate("identity"), Encoding::identity);
  EXPECT_EQ(negotiate("identity, gzip;q=0.5"), Encoding::identity);
  EXPECT_EQ(negotiate("identity;q=0.5, gzip"), Encoding::gzip);
  EXPECT_EQ(negotiate("Identity, *;q=0.1"), Encoding::identity);
  EXPECT_EQ(negotiate("identity, gzip"), Encoding::gzip);
  EXPECT_EQ(negotiate("identity;q=0, gzip;q=0.001"), Encoding::gzip);
  EXPECT_EQ(negotiate("identity;q=0, *;q=0"), Encoding::identity);
}

}  // namespace
}  // namespace offloader::api
