#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "csv_input.h"

namespace offloader::duckdb {
namespace {

// A text that is read in pieces of at most `piece` bytes.
class TextInput final : public ByteInput {
 public:
  TextInput(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
  Result<std::uint64_t> read(char* buffer, std::uint64_t length) override {
    const auto count = text_.copy(buffer, std::min<std::size_t>(length, piece_), at_);
    at_ += count;
    return count;
  }
  void rewind() override { at_ = 0; }
  std::uint64_t size() const override { return text_.size(); }
  std::uint64_t consumed() const override { return at_; }

 private:
  const std::string text_;
  const std::size_t piece_;
  std::size_t at_ = 0;
};

std::string all_of(ByteInput& input) {
  std::string out;
  char buffer[64];
  while (true) {
    const auto got = input.read(buffer, sizeof buffer);
    if (!got || *got == 0) return out;
    out.append(buffer, *got);
  }
}

std::string even(const std::string& text, const manifest::CsvDialect& dialect = {}) {
  const auto whole = with_even_lines(std::make_unique<TextInput>(text, 64), dialect);
  const auto first = all_of(*whole);
  whole->rewind();
  EXPECT_EQ(all_of(*whole), first) << "rewound";
  const auto pieces = with_even_lines(std::make_unique<TextInput>(text, 1), dialect);
  EXPECT_EQ(all_of(*pieces), first) << "byte by byte";
  return first;
}

TEST(CsvEvenLines, Read_MixedLineEnds_BecomeLfOutsideQuotes) {
  EXPECT_EQ(even("a,b\r\n1,\"x\r\ny\"\n2,z\r\n"), "a,b\n1,\"x\r\ny\"\n2,z\n");
  EXPECT_EQ(even("a\rb\r"), "a\rb\r") << "a lone CR is none of them";
  EXPECT_EQ(even("a\r\"x\r\ny\"\r"), "a\r\"x\r\ny\"\r") << "and a quote behind it opens";
}

TEST(CsvEvenLines, Read_QuoteInsideUnquotedField_OpensNoQuotes) {
  EXPECT_EQ(even("5\" pipe,1\r\n2,\"x\r\ny\"\n"), "5\" pipe,1\n2,\"x\r\ny\"\n");
  EXPECT_EQ(even("5\"\r\n\"x\r\ny\"\n"), "5\"\n\"x\r\ny\"\n") << "nor behind a CR that was kept back";
}

TEST(CsvEvenLines, Read_QuoteAtFieldStart_OpensQuotes) {
  EXPECT_EQ(even("\"a\r\nb\",1\r\n"), "\"a\r\nb\",1\n") << "the first of the file";
  EXPECT_EQ(even("\xef\xbb\xbf\"a\r\nb\"\r\n"), "\xef\xbb\xbf\"a\r\nb\"\n") << "behind a byte order mark";
  EXPECT_EQ(even("1,  \"a\r\nb\"\r\n"), "1,  \"a\r\nb\"\n") << "behind spaces";
  manifest::CsvDialect semicolons;
  semicolons.delimiter = ';';
  EXPECT_EQ(even("1;\"a\r\nb\"\r\n", semicolons), "1;\"a\r\nb\"\n");
  EXPECT_EQ(even("1,\"a\r\nb\r\n", semicolons), "1,\"a\nb\n") << "a comma ends no field here";
}

TEST(CsvEvenLines, Read_EscapedQuote_DoesNotCloseQuotes) {
  EXPECT_EQ(even("\"a\"\"\r\n\"\"\",1\r\n"), "\"a\"\"\r\n\"\"\",1\n");
  manifest::CsvDialect backslashes;
  backslashes.escape = '\\';
  EXPECT_EQ(even("\"a\\\"\r\n\",1\r\n", backslashes), "\"a\\\"\r\n\",1\n");
}

}  // namespace
}  // namespace offloader::duckdb
