#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <random>

#include "offloader/base/cancel.h"
#include "offloader/base/cidr.h"
#include "offloader/base/crypto.h"
#include "offloader/base/file.h"
#include "offloader/base/identifier.h"
#include "offloader/base/json_text.h"
#include "offloader/base/timestamp.h"
#include "offloader/base/utf8.h"

namespace offloader {
namespace {

std::string double_text(double value) {
  std::string out;
  json::append_double(out, value);
  return out;
}

TEST(JsonText, AppendDouble_AnyMagnitude_IsTheShortestThatReadsBack) {
  EXPECT_EQ(double_text(34), "34.0");
  EXPECT_EQ(double_text(0.1), "0.1");
  EXPECT_EQ(double_text(1e15), "1000000000000000.0");
  EXPECT_EQ(double_text(1e16), "1e+16");
  EXPECT_EQ(double_text(1e20), "1e+20");
  EXPECT_EQ(double_text(0.00001), "0.00001");
  EXPECT_EQ(double_text(0.000001), "1e-06");
  EXPECT_EQ(double_text(std::nan("")), "null");
  EXPECT_EQ(double_text(-std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonText, AppendInt128_BeyondInt64_KeepsEveryDigit) {
  std::string out;
  json::append_int128(out, static_cast<Int128>(INT64_MAX) * 10);
  out += " ";
  json::append_int128(out, static_cast<Int128>(INT64_MIN) * 2);
  EXPECT_EQ(out, "92233720368547758070 -18446744073709551616");
}

TEST(JsonText, AppendString_QuotesAndControls_AreEscaped) {
  std::string out;
  json::append_string(out, std::string_view("a\"\\\n\x01é\0z", 9));
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001é\\u0000z\"");
}

TEST(Timestamp, ParseDate_NotARealDate_ReturnsNullopt) {
  EXPECT_EQ(parse_date("1970-01-01"), 0);
  EXPECT_EQ(parse_date("1969-12-31"), -1);
  EXPECT_TRUE(parse_date("2024-02-29").has_value());
  for (const char* wrong : {"2023-02-29", "2024-13-01", "2024-1-1", "", "2024-01-01 ", "24-01-01"})
    EXPECT_FALSE(parse_date(wrong)) << wrong;
}

TEST(Timestamp, ParseIso8601_WithoutTimeOrOffset_ReturnsNullopt) {
  EXPECT_EQ(to_rfc3339(*parse_iso8601("2026-01-31T01:00:00+01:00")), "2026-01-31T00:00:00Z");
  EXPECT_EQ(to_rfc3339(*parse_iso8601("2026-01-31 00:00:00.5Z")), "2026-01-31T00:00:00Z");
  for (const char* wrong : {"2026-01-31", "2026-01-31T00:00:00", "2026-01-31T24:00:00Z", "now"})
    EXPECT_FALSE(parse_iso8601(wrong)) << wrong;
}

TEST(Timestamp, AppendTimestamp_Fraction_HasNoTrailingZeros) {
  std::string out;
  append_timestamp(out, 1'500'000);
  out += " ";
  append_timestamp(out, -1);
  EXPECT_EQ(out, "1970-01-01T00:00:01.5 1969-12-31T23:59:59.999999");
}

TEST(Utf8, IsUtf8_MalformedText_ReturnsFalse) {
  EXPECT_TRUE(is_utf8("plain, Zürich, 日本, 😀"));
  for (const char* wrong : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80", "abcdefgh\xFF"})
    EXPECT_FALSE(is_utf8(wrong));
}

TEST(Utf8, Shortened_LongText_IsCutBetweenCharacters) {
  EXPECT_EQ(shortened("", 0), "");
  EXPECT_EQ(shortened("日本", 6), "日本");
  EXPECT_EQ(shortened("日本", 5), "日…");
  EXPECT_EQ(shortened("日本", 3), "日…");
  EXPECT_EQ(shortened("日本", 2), "…");
  EXPECT_EQ(shortened("a😀b", 4), "a…");
  EXPECT_EQ(shortened("a😀b", 5), "a😀…");
}

TEST(Crypto, Digests_PublishedVectors_AreReproduced) {
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231, case 2.
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  // Other keys follow, then the first again: a thread must not reuse the state of another key.
  const std::string first = to_hex(hmac_sha256("Jefe", "what do ya want for nothing?"));
  // RFC 4231, case 1.
  EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")), first);
  // RFC 5869, case 3: no salt, no info; the first 32 bytes.
  EXPECT_EQ(to_hex(derive_key(std::string(22, '\x0b'), "")),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
  // The same key twice, another, and the first again: a thread must not reuse the schedule of another key.
  Sha256 key;
  Sha256 other;
  key.fill('k');
  other.fill('o');
  for (const Sha256& each : {key, key, other, key, Sha256{}, key}) {
    const std::string_view text(reinterpret_cast<const char*>(each.data()), each.size());
    for (const std::string& bytes : {std::string("abc"), std::string(), std::string(200, 'x')}) {
      EXPECT_EQ(to_hex(keyed_digest(each, bytes)), to_hex(hmac_sha256(text, bytes)).substr(0, 32));
    }
  }
  EXPECT_TRUE(equal_in_constant_time("same", "same"));
  EXPECT_FALSE(equal_in_constant_time("same", "sane"));
  EXPECT_TRUE(equal_in_constant_time("", ""));
  const std::string text = "a text of more than two words, and a rest";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string_view part = std::string_view(text).substr(0, size);
    EXPECT_TRUE(equal_in_constant_time(part, std::string(part)));
    EXPECT_FALSE(equal_in_constant_time(part, std::string(part) + " "));
    for (std::size_t at = 0; at < size; ++at) {
      std::string changed(part);
      changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
      EXPECT_FALSE(equal_in_constant_time(part, changed)) << size << " " << at;
    }
  }
  EXPECT_NE(random_hex(16), random_hex(16));
}

TEST(Identifier, NearestMatch_MistypedName_ReturnsTheIntendedOne) {
  const std::vector<std::string> known = {"datasets_dir", "endpoints_dir", "keys"};
  EXPECT_EQ(nearest_match("dataset_dir", known), "datasets_dir");
  EXPECT_EQ(nearest_match("key", known), "keys");
  EXPECT_EQ(nearest_match("unrelated", known), std::nullopt);
}

// The textbook algorithm with the full table.
std::size_t levenshtein(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        table[i][j] = i + j;
      } else {
        table[i][j] = std::min({table[i - 1][j] + 1, table[i][j - 1] + 1,
                                table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      }
    }
  }
  return table[a.size()][b.size()];
}

TEST(Identifier, NearestMatch_RandomWords_AgreesWithTheTextbook) {
  std::mt19937 random(7);
  const auto word = [&](std::size_t longest) {
    std::string out(random() % (longest + 1), 'a');
    for (char& c : out) c = static_cast<char>('a' + random() % 3);
    return out;
  };
  for (int round = 0; round < 300; ++round) {
    const std::string text = word(12);
    std::vector<std::string> known;
    for (int i = 0; i < 8; ++i) known.push_back(word(14));
    std::optional<std::string> nearest;
    std::size_t smallest = std::max<std::size_t>(1, text.size() / 3) + 1;
    for (const std::string& each : known) {
      if (levenshtein(text, each) >= smallest) continue;
      smallest = levenshtein(text, each);
      nearest = each;
    }
    EXPECT_EQ(nearest_match(text, known), nearest) << text;
  }
}

TEST(Identifier, NearestMatch_TooManyCandidates_StopsEarly) {
  std::vector<std::string> known(300'000, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
  known.emplace_back("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
  EXPECT_EQ(nearest_match(std::string(40, 'b'), known), std::nullopt);
  known.front() = std::string(40, 'b');
  EXPECT_EQ(nearest_match(std::string(40, 'b'), known), known.front());
}

TEST(File, WriteAtomically_ExistingFile_ReplacesItAndLeavesNoTemporary) {
  const auto folder = std::filesystem::temp_directory_path() / ("offloader-base-" + random_hex(6));
  std::filesystem::create_directories(folder);
  ASSERT_TRUE(write_file_atomically(folder / "f", "one"));
  ASSERT_TRUE(write_file_atomically(folder / "f", "two"));
  EXPECT_EQ(*read_file(folder / "f", 10), "two");
  EXPECT_EQ(read_file(folder / "f", 2).error().code, ErrorCode::too_large);
  EXPECT_EQ(read_file(folder / "g", 2).error().code, ErrorCode::not_found);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
  std::filesystem::remove_all(folder);
}

TEST(CancelFlag, Cancel_ActionSetBeforeOrAfter_RunsItOnce) {
  CancelFlag flag;
  int runs = 0;
  flag.on_cancel([&] { ++runs; });
  flag.cancel();
  flag.cancel();
  flag.on_cancel([&] { ++runs; });
  EXPECT_EQ(runs, 2);
}

TEST(Cidr, Contains_MappedAddress_MatchesTheIpv4Network) {
  const Cidr network = *Cidr::parse("10.0.0.0/8");
  EXPECT_TRUE(network.contains("10.255.0.1"));
  EXPECT_TRUE(network.contains("::ffff:10.1.2.3"));
  EXPECT_FALSE(network.contains("11.0.0.1"));
  EXPECT_FALSE(network.contains("nonsense"));
  EXPECT_FALSE(Cidr::parse("10.0.0.0/33"));
}

}  // namespace
}  // namespace offloader
