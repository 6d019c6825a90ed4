#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>

#include "cli_scene.h"
#include "command.h"
#include "reference.h"

namespace offloader::cli {
namespace {

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

// Returns the parse error of a command line, or an empty text. Runs nothing.
std::string parse_error(std::vector<std::string> words) {
  Action action;
  const auto app = command_tree(action);
  std::reverse(words.begin(), words.end());
  try {
    app->parse(words);
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return action ? "" : "no action";
}

std::string sample(const FlagText& flag) {
  static const std::map<std::string, std::string> samples = {{"PORT", "4000"},
                                                             {"DIR", "folder"},
                                                             {"FILE", "file.csv"},
                                                             {"URL", "http://localhost:4001"},
                                                             {"TOKEN", "offl_abc"},
                                                             {"ID", "orders"},
                                                             {"NAME", "orders"},
                                                             {"NAMES", "orders,others"},
                                                             {"NETWORKS", "192.0.2.0/24"},
                                                             {"TENANT", "acme"},
                                                             {"STATUS", "404"},
                                                             {"TIME", "2025-01-01T00:00:00Z"},
                                                             {"NAME=VALUE", "a=b"},
                                                             {"COLUMN", "tenant"},
                                                             {"PROJECT", "demo"},
                                                             {"COUNT", "2"},
                                                             {"SECONDS", "2"},
                                                             {"RATE", "2"},
                                                             {"DATASET", "orders"},
                                                             {"CHAR", ";"},
                                                             {"ENCODING", "latin-1"},
                                                             {"TEXT", "NA"},
                                                             {"LIST", "key,endpoint"},
                                                             {"N", "2"}};
  if (!flag.choices.empty()) return flag.choices.front();
  const auto found = samples.find(flag.positional ? flag.name : flag.value);
  EXPECT_NE(found, samples.end()) << flag.name << " takes " << flag.value;
  return found == samples.end() ? "1" : found->second;
}

std::vector<CommandText> all_commands() {
  Action action;
  std::vector<CommandText> out;
  const auto collect = [&](const auto& self, const CommandText& command) -> void {
    out.push_back(command);
    for (const CommandText& child : command.commands) self(self, child);
  };
  collect(collect, describe(*command_tree(action)));
  return out;
}

std::vector<CommandText> leaves() {
  std::vector<CommandText> out;
  for (const CommandText& command : all_commands()) {
    if (command.commands.empty()) out.push_back(command);
  }
  return out;
}

std::vector<std::string> path_words(const CommandText& command) {
  std::vector<std::string> words = words_of(command.path);
  words.erase(words.begin());
  return words;
}

TEST(CommandTree, Commands_OfTheContract_Exist) {
  std::set<std::string> paths;
  for (const CommandText& command : leaves()) paths.insert(command.path);
  for (const char* path :
       {"offloader start", "offloader serve", "offloader init", "offloader scaffold-dataset",
        "offloader manifest create", "offloader manifest validate", "offloader validate",
        "offloader keys create", "offloader keys hash", "offloader endpoint test",
        "offloader endpoint export", "offloader healthcheck", "offloader doctor", "offloader docs",
        "offloader support-bundle", "offloader version"}) {
    EXPECT_TRUE(paths.contains(path)) << path;
  }
}

TEST(CommandTree, Help_EachCommand_ExplainsFlagsAndHasAnExample) {
  for (const CommandText& command : all_commands()) {
    SCOPED_TRACE(command.path);
    std::vector<std::string> words = path_words(command);
    words.emplace_back("--help");
    const Outcome help = run_cli(words);
    EXPECT_EQ(help.code, 0);
    EXPECT_EQ(help.err, "");
    EXPECT_TRUE(command.meaning.ends_with(".")) << command.meaning;
    EXPECT_NE(help.out.find(command.meaning), std::string::npos) << help.out;
    ASSERT_FALSE(command.examples.empty());
    for (const std::string& example : command.examples) EXPECT_NE(help.out.find(example), std::string::npos);
    for (const FlagText& flag : command.flags) {
      EXPECT_GT(flag.meaning.size(), 5U) << flag.name;
      EXPECT_NE(help.out.find(flag.name), std::string::npos) << flag.name;
    }
  }
}

TEST(CommandTree, Parse_EachFlagInHelp_IsAccepted) {
  for (const CommandText& command : leaves()) {
    std::vector<std::string> least = path_words(command);
    for (const FlagText& flag : command.flags) {
      if (!flag.required) continue;
      if (!flag.positional) least.push_back(flag.name);
      least.push_back(sample(flag));
    }
    EXPECT_EQ(parse_error(least), "") << command.path;
    for (const FlagText& flag : command.flags) {
      if (flag.required) continue;
      std::vector<std::string> words = least;
      if (!flag.positional) words.push_back(flag.name);
      if (flag.positional || !flag.value.empty()) words.push_back(sample(flag));
      EXPECT_EQ(parse_error(words), "") << command.path << " " << flag.name;
    }
  }
}

TEST(CommandTree, Parse_EachExample_IsAccepted) {
  for (const CommandText& command : all_commands()) {
    for (const std::string& example : command.examples) {
      std::vector<std::string> words = words_of(example.substr(0, example.find(" < ")));
      const auto program = std::find(words.begin(), words.end(), "offloader");
      ASSERT_NE(program, words.end()) << example;
      EXPECT_EQ(parse_error({program + 1, words.end()}), "") << example;
      if (command.commands.empty()) {
        EXPECT_NE(example.find(command.path), std::string::npos) << example;
      }
    }
  }
}

TEST(CommandTree, Commands_ThatReport_HaveAJsonFlag) {
  for (const CommandText& command : leaves()) {
    static const std::set<std::string> kOthers = {
        "offloader start",           "offloader serve",     "offloader scaffold-dataset",
        "offloader manifest create", "offloader keys hash", "offloader healthcheck"};
    const bool has = std::any_of(command.flags.begin(), command.flags.end(),
                                 [](const FlagText& flag) { return flag.name == "--json"; });
    EXPECT_TRUE(has || kOthers.contains(command.path)) << command.path;
  }
}

TEST(CommandTree, Run_InvalidLine_ExitsWithTwoAndUsage) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> lines = {
      {{}, "Usage: offloader "},
      {{"nonsense"}, "Usage: offloader "},
      {{"serve", "--nonsense"}, "Usage: offloader serve"},
      {{"serve", "--api-port", "65536"}, "Usage: offloader serve"},
      {{"serve", "--api-port", "abc"}, "Usage: offloader serve"},
      {{"serve", "--api-port"}, "Usage: offloader serve"},
      {{"serve", "a", "b"}, "Usage: offloader serve"},
      {{"manifest"}, "Usage: offloader manifest "},
      {{"manifest", "create", "--dataset", "Orders", "f.csv"}, "Usage: offloader manifest create"},
      {{"manifest", "create", "f.csv"}, "Usage: offloader manifest create"},
      {{"manifest", "create", "--dataset", "d"}, "Usage: offloader manifest create"},
      {{"manifest", "create", "--dataset", "d", "f.csv", "--watermark", "yesterday"},
       "Usage: offloader manifest create"},
      {{"manifest", "create", "--dataset", "d", "f.csv", "--snapshot-id", "a b"},
       "Usage: offloader manifest create"},
      {{"keys", "create", "--id", "My-Key"}, "Usage: offloader keys create"},
      {{"keys", "create", "--endpoints", "A B"}, "Usage: offloader keys create"},
      {{"endpoint", "test"}, "Usage: offloader endpoint test"},
      {{"endpoint", "test", "--endpoint", "e", "--expect-status", "99"}, "Usage: offloader endpoint test"},
      {{"endpoint", "test", "--endpoint", "e", "--url", "localhost:4000"}, "Usage: offloader endpoint test"},
      {{"endpoint", "test", "--endpoint", "e", "--params", "from"}, "Usage: offloader endpoint test"},
      {{"doctor", "--admin-url", "file:///etc/passwd"}, "Usage: offloader doctor"},
      {{"healthcheck", "--admin-url", "x"}, "Usage: offloader healthcheck"},
      {{"scaffold-dataset"}, "Usage: offloader scaffold-dataset"},
      {{"version", "extra"}, "Usage: offloader version"}};
  for (const auto& [line, usage] : lines) {
    const Outcome outcome = run_cli(line);
    EXPECT_EQ(outcome.code, 2) << testing::PrintToString(line);
    EXPECT_EQ(outcome.out, "") << testing::PrintToString(line);
    EXPECT_NE(outcome.err.find(usage), std::string::npos) << testing::PrintToString(line) << "\n"
                                                          << outcome.err;
    EXPECT_NE(outcome.err.find("--help"), std::string::npos);
  }
}

TEST(CommandTree, Run_UnknownWord_IsNamedWithASuggestion) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> lines = {
      {{"versoin"}, "offloader: unknown command `versoin`; did you mean `version`?\n"},
      {{"completion", "bash"}, "offloader: unknown command `completion`\n"},
      {{"manifest", "check", "x"}, "offloader manifest: unknown command `check`"},
      {{"manifest", "valdate", "x"}, "unknown command `valdate`; did you mean `validate`?\n"},
      {{"keys", "creat"}, "offloader keys: unknown command `creat`; did you mean `create`?\n"},
      {{"snapshot", "stat"}, "offloader snapshot: unknown command `stat`"},
      {{"index", "inspekt"}, "offloader index: unknown command `inspekt`; did you mean `inspect`?\n"},
      {{"endpoint", "tes"}, "offloader endpoint: unknown command `tes`; did you mean `test`?\n"},
      {{"init", "--ot", "x"}, "offloader init: unknown flag `--ot`; did you mean `--out`?\n"},
      {{"endpoint", "test", "--ky=S3CR3T"}, "unknown flag `--ky`; did you mean `--key`?\n"},
      {{"manifest", "create", "--datset", "d", "f.csv"},
       "unknown flag `--datset`; did you mean `--dataset`?"},
      {{"serve", "a", "b"}, "offloader serve: unexpected argument `b`\n"},
      {{"serve", "--api-port", "99999"}, "--api-port: `99999` is not a whole number from 0 to 65535\n"},
      {{"serve", "--api-port", ""}, "--api-port: `` is not a whole number from 0 to 65535\n"},
      {{"serve", "--api-port", "0x50"}, "--api-port: `0x50` is not a whole number from 0 to 65535\n"},
      {{"manifest"}, "offloader manifest: A subcommand is required\n"}};
  for (const auto& [line, message] : lines) {
    const Outcome outcome = run_cli(line);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_NE(outcome.err.find(message), std::string::npos) << message << "\n" << outcome.err;
    EXPECT_EQ(outcome.err.find("S3CR3T"), std::string::npos) << outcome.err;
  }
}

TEST(CommandReference, Reference_CommittedFiles_AreUpToDate) {
  const std::filesystem::path root = OFFLOADER_SOURCE_DIR;
  for (const auto& [name, format] : {std::pair{"docs/reference/cli.md", ReferenceFormat::markdown},
                                     {"docs/offloader.1", ReferenceFormat::manual},
                                     {"completions/offloader.bash", ReferenceFormat::bash},
                                     {"completions/_offloader", ReferenceFormat::zsh}}) {
    EXPECT_EQ(contents(root / name), command_reference(format))
        << name << " is out of date: run build/release/dev/tools/write-cli-reference";
  }
}

// What bash would offer for the last of these words.
std::string completed(const std::string& words) {
  const TemporaryFolder folder;
  write(folder.path() / "a-file.yml", "");
  const std::string script =
      "cd '" + folder.path().string() +
      "'; source '" OFFLOADER_SOURCE_DIR "/completions/offloader.bash'; COMP_WORDS=(" + words +
      "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _offloader; echo \"${COMPREPLY[*]}\" > out";
  write(folder.path() / "script", script);
  EXPECT_EQ(std::system(("bash '" + (folder.path() / "script").string() + "'").c_str()), 0);
  std::string out = contents(folder.path() / "out");
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

TEST(BashCompletion, Complete_PartialLine_OffersCommandsFlagsAndFiles) {
  EXPECT_EQ(completed("offloader val"), "validate");
  EXPECT_EQ(completed("offloader keys ''"), "--help create list rotate revoke expire hash");
  EXPECT_EQ(completed("offloader serve --a"), "--api-port --admin-port");
  EXPECT_EQ(completed("offloader serve a-"), "a-file.yml");
  EXPECT_EQ(completed("offloader serve --api-port ''"), "");
  EXPECT_EQ(completed("offloader validate --config a-"), "a-file.yml");
  EXPECT_EQ(completed("offloader manifest create --dataset d a-"), "a-file.yml");
}

}  // namespace
}  // namespace offloader::cli
