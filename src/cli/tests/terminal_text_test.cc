#include "terminal_text.h"

#include <gtest/gtest.h>

#include <sstream>

#include "offloader/cli/cli.h"
#include "table.h"

namespace offloader::cli {
namespace {

// What a terminal receives for these pieces.
std::string shown(const std::vector<std::string>& pieces) {
  std::ostringstream terminal;
  {
    EscapingBuffer buffer(*terminal.rdbuf());
    std::ostream out(&buffer);
    for (const std::string& piece : pieces) out << piece;
  }
  return terminal.str();
}

TEST(TerminalText, Escape_ControlCharacters_AreReplaced) {
  EXPECT_EQ(shown({"Köln 東京 🙂\tplain \\ \"text\"\n"}), "Köln 東京 🙂\tplain \\ \"text\"\n");
  EXPECT_EQ(shown({"\x1b[2J\x1b]0;title\x07"}), "\\u001b[2J\\u001b]0;title\\u0007");
  EXPECT_EQ(shown({std::string("a\0b\rc\bd\x7f", 8)}), "a\\u0000b\\u000dc\\u0008d\\u007f");
  EXPECT_EQ(shown({"\xc2\x9b"
                   "31m \xc2\x85"}),
            "\\u009b31m \\u0085")
      << "C1";
  EXPECT_EQ(shown({"\xe2\x80\xae"
                   "evil\xe2\x81\xa6"}),
            "\\u202eevil\\u2066")
      << "turns the line around";
}

TEST(TerminalText, Escape_InvalidUtf8_IsReplaced) {
  EXPECT_EQ(shown({"a\x9b"
                   "31m\xff\xc3"}),
            "a\xef\xbf\xbd"
            "31m\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(shown({"\xe2\x28\xa1"}), "\xef\xbf\xbd(\xef\xbf\xbd");
}

TEST(TerminalText, Escape_CharacterInPieces_StaysWhole) {
  EXPECT_EQ(shown({"\xe6", "\x9d", "\xb1", "\xc2", "\x9b"}), "東\\u009b");
}

TEST(TerminalText, Table_CellWithBreaks_StaysInItsRowAndColumn) {
  std::ostringstream table;
  print_table({{"ID", "TENANT", "NOTE"}, {"a", "x\nforged  *", "y\tz"}, {"b\r", "\xff\x1b", "東\n"}}, table);
  EXPECT_EQ(table.str(),
            "ID       TENANT            NOTE\n"
            "a        x\\u000aforged  *  y\\u0009z\n"
            "b\\u000d  \xef\xbf\xbd\\u001b           東\\u000a\n");
}

TEST(TerminalText, WriteUnescaped_ControlSequence_KeepsItsPlace) {
  std::ostringstream terminal;
  EscapingBuffer buffer(*terminal.rdbuf());
  std::ostream out(&buffer);
  out << "a\x1b";
  write_unescaped(out, "\x1b[32m");
  out << "b" << std::flush;
  EXPECT_EQ(terminal.str(), "a\\u001b\x1b[32mb");
  std::ostringstream plain;
  write_unescaped(plain, "\x1b[32m");
  EXPECT_EQ(plain.str(), "\x1b[32m");
}

TEST(TerminalText, Run_HostileArgument_IsPrintedEscaped) {
  std::ostringstream out;
  std::ostringstream err;
  std::istringstream in;
  World world{.out = out,
              .err = err,
              .in = in,
              .environment = [](const std::string&) { return std::nullopt; },
              .out_is_terminal = true,
              .err_is_terminal = true};
  // Each command repeats its argument in its output.
  EXPECT_NE(run({"validate", "--config", "no\x1b[2Jsuch"}, world), kSuccess);
  EXPECT_NE(run({"manifest", "validate", "no\x1b[2Jsuch"}, world), kSuccess);
  EXPECT_EQ(run({"no\x1b[2Jsuch"}, world), kUsage);
  EXPECT_EQ(run({"docs", "--admin-url", "http://a\x1b[2J"}, world), kUsage);
  const std::string all = out.str() + err.str();
  EXPECT_NE(all.find("\\u001b[2J"), std::string::npos) << all;
  EXPECT_EQ(all.find('\x1b'), std::string::npos) << all;
}

}  // namespace
}  // namespace offloader::cli
