#include "csv_guard.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace offloader::duckdb {
namespace {

using Verdict = CsvGuard::Verdict;

struct Seen {
  Verdict verdict = Verdict::good;
  std::int64_t records = 0;
  friend bool operator==(const Seen&, const Seen&) = default;
};

// Scans in pieces of `piece` bytes. Pieces below 64 bytes make the guard check every byte by itself.
Seen scan(const std::string& text, std::size_t piece, const CsvGuard::Limits& limits,
          const manifest::CsvDialect& dialect = {}) {
  CsvGuard guard(dialect, limits);
  Verdict verdict = Verdict::good;
  for (std::size_t at = 0; at < text.size() && verdict == Verdict::good; at += piece)
    verdict = guard.scan(text.data() + at, std::min(piece, text.size() - at));
  if (verdict == Verdict::good) verdict = guard.finish();
  return {verdict, verdict == Verdict::good ? guard.records() : 0};
}

TEST(CsvGuard, Scan_ForbiddenInput_ReturnsItsVerdict) {
  const CsvGuard::Limits limits{100, true};
  EXPECT_EQ(scan("a,b\n1,2\n\n3,4", 1000, limits), (Seen{Verdict::good, 3}));
  EXPECT_EQ(scan("a,b\r\n\r\n1,2\r\n", 1000, limits), (Seen{Verdict::good, 2}));
  EXPECT_EQ(scan("a,b\n" + std::string(200, ',') + "\n", 1000, limits).verdict, Verdict::too_wide);
  EXPECT_EQ(scan("a,b\n" + std::string(kMaxCsvLine + 1, 'x'), 1 << 20, limits).verdict, Verdict::too_long);
  EXPECT_EQ(scan("a,b\n1,\"x\ny\"\n", 1000, {100, false}).verdict, Verdict::quoted_line_end);
  EXPECT_EQ(scan("a,b\n1,\"x\ny\"\n", 1000, limits), (Seen{Verdict::good, 2}));
  EXPECT_EQ(scan("a,b\n1,2\r\n", 1000, limits).verdict, Verdict::uneven_lines);
  EXPECT_EQ(scan("a,b\n1,\"x\"y\n", 1000, limits).verdict, Verdict::malformed);
  EXPECT_EQ(scan("a,b\n1,\"x\n", 1000, limits).verdict, Verdict::malformed);
  EXPECT_EQ(scan("\xef\xbb\xbf\"a\nb\",c\n", 1000, limits), (Seen{Verdict::good, 1}));
}

// The guard checks blocks of 64 bytes at once where it can. The result must equal that of checking every
// byte.
TEST(CsvGuard, Scan_BlocksOrSingleBytes_AgreeOnRandomText) {
  std::mt19937 random(7);
  int good = 0;
  for (int round = 0; round < 4000; ++round) {
    const bool crlf = round % 2 == 0;
    const bool wild = round % 5 == 0;
    std::string text = crlf ? "a,b\r\n" : "a,b\n";
    const auto length = 1 + random() % 700;
    while (text.size() < length) {
      switch (random() % (wild ? 12 : 9)) {
        case 0:
          text += crlf ? "\r\n" : "\n";
          break;
        case 1:
          text += ",";
          break;
        case 2:
          // Few line ends inside quotes: otherwise hardly any text passes where none is allowed.
          text += ",\"q,\"\"" + std::string(random() % 70, 'q') + (random() % 4 == 0 ? "\n\"," : "\",");
          break;
        case 3:
          text += ",\"one\ntwo\"";
          text += crlf ? "\r\n" : "\n";
          break;
        case 4:
          text += std::string(random() % 70, ',');
          break;
        case 5:
          text += "  ";
          if (random() % 4 == 0) text += "," + std::string(random() % 70, ' ') + "\"q\nq\",";
          break;
        case 9:
          text += '"';
          break;
        case 10:
          text += '\r';
          break;
        case 11:
          text += '\n';
          break;
        default:
          text += std::string(random() % 20, 'x');
      }
    }
    const CsvGuard::Limits limits{80, random() % 2 == 0};
    const Seen expected = scan(text, 1, limits);
    good += expected.verdict == Verdict::good ? 1 : 0;
    for (const std::size_t piece : {64UL, 100UL, 1000UL})
      ASSERT_EQ(scan(text, piece, limits), expected) << piece << "\n" << text;
  }
  EXPECT_GT(good, 200);
}

}  // namespace
}  // namespace offloader::duckdb
