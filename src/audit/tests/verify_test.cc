#include <algorithm>
#include <cstdlib>
#include <random>

#include "../chain.h"
#include "../seal_key.h"
#include "audit_scene.h"

namespace offloader::audit {
namespace {

using ::testing::HasSubstr;

// A log of this many lines, as the writer makes it.
std::string log_of(std::size_t lines, Head head = {}) {
  std::string out;
  const Sha256 key = seal_key(kSecret);
  append_line(
      out, key, head,
      Record(SystemTime{}, kOpened).text("file", kNewFile).text("previous", to_hex(head.hmac)).members());
  while (--lines > 0)
    append_line(out, key, head,
                Record(SystemTime{}, "read")
                    .text("request_id", "r" + std::to_string(lines))
                    .text("tenant", "acme")
                    .number("rows", static_cast<std::int64_t>(lines % 7))
                    .members());
  return out;
}

class VerifyTest : public AuditScene {
 protected:
  Verdict of(const std::string& text, std::uint64_t last_seq = 0) {
    write_text(file(), text);
    return verify_files({"audit.log"}, last_seq);
  }
  static std::string without(std::string text, std::size_t at, std::size_t count = 1) {
    return text.erase(at, count);
  }
};

TEST_F(VerifyTest, Verify_WholeFile_SaysWhatItHolds) {
  const Verdict verdict = of(log_of(1000));
  EXPECT_FALSE(verdict.broken) << said(verdict);
  EXPECT_EQ(verdict.lines, 1000U);
  EXPECT_EQ(verdict.first_seq, 1U);
  EXPECT_EQ(verdict.last_seq, 1000U);
  EXPECT_FALSE(of("").broken);
}

TEST_F(VerifyTest, Verify_OtherSecret_IsBrokenInTheFirstLine) {
  write_text(file(), log_of(3));
  const auto verdict = verify({file()}, std::string(32, 'x'));
  ASSERT_TRUE(verdict);
  ASSERT_TRUE(verdict->broken);
  EXPECT_EQ(verdict->broken->line, 1U);
  EXPECT_THAT(verdict->broken->message, HasSubstr("another secret"));
}

// Every byte of a small log, and of the first, the last and some other lines of a large one.
TEST_F(VerifyTest, Verify_OneByteChangedRemovedOrSwapped_IsFoundInItsLine) {
  const std::string text = log_of(4);
  std::vector<std::size_t> positions(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::uint64_t line = 1 + static_cast<std::uint64_t>(std::count(
                                       text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    const auto expect_found = [&](const std::string& wrong, const char* what) {
      const Verdict verdict = of(wrong);
      ASSERT_TRUE(verdict.broken) << what << " at " << at;
      EXPECT_EQ(verdict.broken->line, line) << what << " at " << at << ": " << verdict.broken->message;
    };
    for (const char other : {'0', 'x', '\n', '}', '\0'}) {
      std::string wrong = text;
      if (wrong[at] == other) continue;
      wrong[at] = other;
      expect_found(wrong, "changed");
    }
    expect_found(without(text, at), "removed");
    expect_found(std::string(text).insert(at, "7"), "added");
    if (at + 1 < text.size() && text[at] != text[at + 1]) {
      std::string wrong = text;
      std::swap(wrong[at], wrong[at + 1]);
      expect_found(wrong, "swapped");
    }
  }
}

TEST_F(VerifyTest, Property_TenThousandLines_AnyEditIsFound) {
  const std::string text = log_of(10'000);
  const char* given = std::getenv("OFFLOADER_PROPERTY_SEED");
  const unsigned seed =
      given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
  SCOPED_TRACE(::testing::Message() << "OFFLOADER_PROPERTY_SEED=" << seed);
  std::minstd_rand random(seed);
  const auto any = [&](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
  };
  const int rounds = std::getenv("OFFLOADER_SOAK") != nullptr ? 2000 : 150;
  int found = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::size_t at = any(text.size());
    const std::uint64_t line = 1 + static_cast<std::uint64_t>(std::count(
                                       text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    std::string wrong = text;
    switch (round % 6) {
      case 0:
        wrong[at] = static_cast<char>(wrong[at] ^ static_cast<char>(1 + any(255)));
        break;
      case 1:
        wrong.erase(at, 1);
        break;
      case 2: {  // two bytes far apart, the first of which is at `at`
        const std::size_t other = at + any(text.size() - at);
        std::swap(wrong[at], wrong[other]);
        break;
      }
      case 3:
        wrong.insert(at, 1, static_cast<char>(any(256)));
        break;
      case 4: {  // a whole line
        const std::size_t begin = text.rfind('\n', at == 0 ? 0 : at - 1);
        const std::size_t from = begin == std::string::npos ? 0 : begin + 1;
        const std::size_t length = text.find('\n', at) + 1 - from;
        if (from + length == text.size()) continue;  // only --last-seq shows a lost tail
        wrong.erase(from, length);
        break;
      }
      default: {  // two lines change places
        const std::size_t end = text.find('\n', at);
        if (end + 1 == text.size()) continue;
        const std::size_t begin = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
        const std::size_t from = begin == std::string::npos ? 0 : begin + 1;
        const std::size_t next = text.find('\n', end + 1) + 1;
        wrong = text.substr(0, from) + text.substr(end + 1, next - end - 1) +
                text.substr(from, end + 1 - from) + text.substr(next);
        break;
      }
    }
    if (wrong == text) continue;
    ++found;
    const Verdict verdict = of(wrong);
    ASSERT_TRUE(verdict.broken) << "round " << round << ", byte " << at;
    EXPECT_EQ(verdict.broken->line, line)
        << "round " << round << ", byte " << at << ": " << verdict.broken->message;
  }
  std::printf("[ figures  ] %d edits of a log of 10,000 lines, each found in its line\n", found);
}

TEST_F(VerifyTest, Verify_LostTail_NeedsLastSeq) {
  const std::string text = log_of(10);
  const std::string shorter = text.substr(0, text.rfind('\n', text.size() - 2) + 1);
  EXPECT_FALSE(of(shorter).broken);
  const Verdict verdict = of(shorter, 10);
  ASSERT_TRUE(verdict.broken);
  EXPECT_EQ(verdict.broken->line, 10U);
  EXPECT_EQ(verdict.broken->message, "line seq 10 is missing at the end");
  EXPECT_FALSE(of(text, 10).broken);
}

TEST_F(VerifyTest, Verify_LostHead_IsFound) {
  const std::string text = log_of(10);
  const Verdict verdict = of(text.substr(text.find('\n') + 1));
  ASSERT_TRUE(verdict.broken);
  EXPECT_EQ(verdict.broken->line, 1U);
  EXPECT_THAT(verdict.broken->message, HasSubstr("lines before it are missing"));
}

TEST_F(VerifyTest, Verify_EveryTornTail_IsNoBreak) {
  const std::string text = log_of(3);
  const std::size_t last = text.rfind('\n', text.size() - 2) + 1;
  for (std::size_t end = last + 1; end + 1 < text.size(); ++end) {
    const Verdict verdict = of(text.substr(0, end));
    ASSERT_FALSE(verdict.broken) << end << said(verdict);
    EXPECT_EQ(verdict.lines, 2U);
    EXPECT_EQ(verdict.torn_bytes, end - last);
  }
}

TEST_F(VerifyTest, Verify_HugeLine_IsABreakInBoundedMemory) {
  const Verdict verdict = of(log_of(2) + "{\"seq\":3," + std::string(5 << 20, 'x'));
  ASSERT_TRUE(verdict.broken);
  EXPECT_EQ(verdict.broken->line, 3U);
}

TEST_F(VerifyTest, Verify_MissingFile_IsAnErrorThatNamesIt) {
  const auto verdict = verify({file("none")}, kSecret);
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().code, ErrorCode::not_found);
  EXPECT_THAT(verdict.error().message, HasSubstr("none"));
}

TEST_F(VerifyTest, Verify_NewLogAfterAnotherOne_IsFound) {
  write_text(file("a"), log_of(5));
  write_text(file("b"), log_of(3));
  const Verdict verdict = verify_files({"a", "b"});
  ASSERT_TRUE(verdict.broken);
  EXPECT_EQ(verdict.broken->line, 1U);
  EXPECT_THAT(verdict.broken->file, HasSubstr("b"));
  EXPECT_THAT(verdict.broken->message, HasSubstr("a new log begins here"));
}

}  // namespace
}  // namespace offloader::audit
