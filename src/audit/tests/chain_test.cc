#include "../chain.h"

#include <gtest/gtest.h>

#include "../seal_key.h"
#include "offloader/audit/record.h"

namespace offloader::audit {
namespace {

// Made by a program of a few lines over Python's hmac module, so that the form is not held against itself
// alone.
constexpr const char* kFirst =
    R"({"seq":1,"time":"2026-01-01T00:00:00Z","event":"action","action":"refresh","dataset":"orders","hmac":"8be9f995798d8684f7fa43ff1ac109a214fb2c5527532391cd0fc38117c7c457"})";

TEST(Chain, AppendLine_KnownSecret_GivesTheDocumentedBytes) {
  const Sha256 key = seal_key(std::string(32, 's'));
  Head head;
  std::string out;
  append_line(out, key, head,
              R"("time":"2026-01-01T00:00:00Z","event":"action","action":"refresh","dataset":"orders")");
  append_line(out, key, head, R"("time":"2026-01-01T00:00:01Z","event":"stopped")");
  EXPECT_EQ(
      out,
      std::string(kFirst) + "\n" +
          R"({"seq":2,"time":"2026-01-01T00:00:01Z","event":"stopped","hmac":"49eb04bfcaedc7f6d1b196d4131bb1484dd84523f91e53840477d64b81e8b2ed"})" +
          "\n");
  EXPECT_EQ(head.seq, 2U);
}

TEST(Chain, ParseLine_OtherForms_AreRefused) {
  const std::string line = kFirst;
  ASSERT_TRUE(parse_line(line));
  EXPECT_EQ(parse_line(line)->seq, 1U);
  for (const std::string& wrong :
       {std::string(), line + " ", " " + line, line.substr(0, line.size() - 1), std::string("{\"seq\":1}"),
        "{\"seq\":01" + line.substr(8), "{\"seq\":-1" + line.substr(8), "{\"seq\":" + line.substr(8),
        "{\"seq\":99999999999999999999" + line.substr(8), line.substr(0, line.size() - 3) + "A\"}"})
    EXPECT_FALSE(parse_line(wrong)) << wrong;
}

TEST(Chain, Follows_OtherSecretOrOtherLineBefore_IsFalse) {
  const Sha256 key = seal_key("one");
  Head head;
  std::string out;
  append_line(out, key, head, R"("event":"a")");
  const Head before = head;
  out.clear();
  append_line(out, key, head, R"("event":"b")");
  out.pop_back();
  const auto line = parse_line(out);
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->follows(before, key));
  EXPECT_FALSE(line->follows(before, seal_key("two")));
  EXPECT_FALSE(line->follows(Head{1, {}}, key));
  EXPECT_FALSE(line->follows(Head{2, before.hmac}, key));
}

TEST(Record, List_MoreThanAHundred_CountsThem) {
  std::vector<std::string> many(101, "k");
  const std::string text = Record(SystemTime{}, "keys").list("added", many).list("removed", {}).members();
  EXPECT_TRUE(text.ends_with(R"("k","k"],"added_total":101,"removed":[])")) << text;
  EXPECT_TRUE(text.starts_with(R"("time":"1970-01-01T00:00:00Z","event":"keys","added":["k","k",)")) << text;
}

TEST(Record, Text_QuotesAndControls_AreEscaped) {
  const std::string text =
      Record(SystemTime{}, "read").text("tenant", "a\"b\n").text_or_null("principal", "").members();
  EXPECT_TRUE(text.ends_with(R"("tenant":"a\"b\n","principal":null)")) << text;
}

}  // namespace
}  // namespace offloader::audit
