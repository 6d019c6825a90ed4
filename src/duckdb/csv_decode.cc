#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "csv_input.h"

namespace offloader::duckdb {
namespace {

using manifest::CsvEncoding;

constexpr std::size_t kPiece = 64 * 1024;

// The code points of bytes 0x80 to 0x9F in windows-1252; 0: unassigned.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

char* write_utf8(char* out, char32_t c) {
  if (c < 0x80) {
    *out++ = static_cast<char>(c);
  } else if (c < 0x800) {
    *out++ = static_cast<char>(0xC0 | c >> 6);
    *out++ = static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    *out++ = static_cast<char>(0xE0 | c >> 12);
    *out++ = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (c & 0x3F));
  } else {
    *out++ = static_cast<char>(0xF0 | c >> 18);
    *out++ = static_cast<char>(0x80 | (c >> 12 & 0x3F));
    *out++ = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (c & 0x3F));
  }
  return out;
}

// Decodes the file in pieces. The UTF-8 may be three times as long as its input.
class DecodedInput final : public ByteInput {
 public:
  DecodedInput(std::unique_ptr<ByteInput> input, CsvEncoding encoding)
      : input_(std::move(input)), encoding_(encoding), raw_(kPiece), big_(encoding == CsvEncoding::utf16be) {}

  Result<std::uint64_t> read(char* buffer, std::uint64_t length) override {
    char* out = buffer;
    while (out == buffer) {
      if (at_ == end_) {
        auto more = fill();
        if (!more) return fail(std::move(more.error()));
        if (!*more) return 0;
      }
      // A character has at most four bytes.
      while (at_ < end_ && out + 4 <= buffer + length) {
        auto c = next();
        if (!c) return fail(std::move(c.error()));
        if (*c == kNone) break;
        if (!first_ || *c != 0xFEFF) out = write_utf8(out, *c);
        first_ = false;
        if (*c == '\n') ++line_;
      }
    }
    return static_cast<std::uint64_t>(out - buffer);
  }
  void rewind() override {
    input_->rewind();
    at_ = end_ = 0;
    first_ = true;
    line_ = 1;
    big_ = encoding_ == CsvEncoding::utf16be;
  }
  std::uint64_t size() const override { return input_->size(); }
  std::uint64_t consumed() const override { return input_->consumed(); }

 private:
  static constexpr char32_t kNone = 0xFFFFFFFF;

  [[nodiscard]] bool wide() const {
    return encoding_ != CsvEncoding::latin1 && encoding_ != CsvEncoding::windows1252;
  }
  [[nodiscard]] tl::unexpected<Error> broken() const {
    return fail(
        ErrorCode::rejected,
        "Line " + std::to_string(line_) + " is not valid " + std::string(manifest::name_of(encoding_)) + ".",
        "Set the file's encoding in the manifest's csv block.");
  }
  [[nodiscard]] unsigned byte(std::size_t at) const { return static_cast<unsigned char>(raw_[at]); }
  [[nodiscard]] char32_t unit(std::size_t at) const {
    return big_ ? byte(at) << 8 | byte(at + 1) : byte(at + 1) << 8 | byte(at);
  }

  // Moves the remaining bytes to the front and reads after them; returns false at the end of the file.
  Result<bool> fill() {
    const std::size_t left = end_ - at_;
    std::memmove(raw_.data(), raw_.data() + at_, left);
    at_ = 0;
    end_ = left;
    auto got = input_->read(raw_.data() + end_, raw_.size() - end_);
    if (!got) return fail(std::move(got.error()));
    end_ += static_cast<std::size_t>(*got);
    if (*got == 0 && left > 0) return broken();
    // The byte order mark gives the byte order; without one it is little-endian.
    if (first_ && encoding_ == CsvEncoding::utf16 && end_ >= 2) big_ = byte(0) == 0xFE && byte(1) == 0xFF;
    return *got > 0;
  }

  // Decodes the next character. If the rest of the piece has no complete one, fills the piece and returns
  // kNone.
  Result<char32_t> next() {
    if (!wide()) {
      const unsigned c = byte(at_++);
      if (encoding_ == CsvEncoding::latin1 || c < 0x80 || c > 0x9F) return c;
      if (kWindows1252[c - 0x80] == 0) return broken();
      return kWindows1252[c - 0x80];
    }
    const std::size_t left = end_ - at_;
    const bool pair = left >= 2 && unit(at_) >= 0xD800 && unit(at_) < 0xDC00;
    if (left < (pair ? 4U : 2U)) {
      auto more = fill();
      if (!more) return fail(std::move(more.error()));
      if (!*more) return broken();
      return kNone;
    }
    const char32_t high = unit(at_);
    if (!pair) {
      if (high >= 0xDC00 && high < 0xE000) return broken();
      at_ += 2;
      return high;
    }
    const char32_t low = unit(at_ + 2);
    if (low < 0xDC00 || low >= 0xE000) return broken();
    at_ += 4;
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
  }

  const std::unique_ptr<ByteInput> input_;
  const CsvEncoding encoding_;
  std::vector<char> raw_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  bool big_;
  bool first_ = true;  // nothing has been decoded yet
  std::int64_t line_ = 1;
};

}  // namespace

std::unique_ptr<ByteInput> decoded(std::unique_ptr<ByteInput> input, CsvEncoding encoding) {
  if (encoding == CsvEncoding::utf8) return input;
  return std::make_unique<DecodedInput>(std::move(input), encoding);
}

}  // namespace offloader::duckdb
