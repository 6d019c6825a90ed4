#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

// The command tree as plain lists, from which the manual page, the reference and the completions are written.
namespace offloader::cli {

struct FlagText {
  std::string name;   // `--api-port`, or `PROJECT` for a positional
  std::string value;  // placeholder of its value, `PORT`; empty for a switch
  std::string meaning;
  std::string standard;  // its default; empty: none
  bool positional = false;
  bool required = false;
  bool many = false;
  std::vector<std::string> choices;
};

struct CommandText {
  std::string path;  // `offloader keys create`
  std::string name;  // `create`
  std::string meaning;
  std::vector<FlagText> flags;  // positionals first
  std::vector<std::string> examples;
  std::vector<CommandText> commands;
};

[[nodiscard]] CommandText describe(const CLI::App& app);

// `offloader serve [PROJECT] [--api-port PORT] …`
[[nodiscard]] std::string synopsis(const CommandText& command);

// Calls `visit` for every command that can be run, in order.
template <typename Visit>
void each_leaf(const CommandText& command, const Visit& visit) {
  if (command.commands.empty()) visit(command);
  for (const CommandText& child : command.commands) each_leaf(child, visit);
}

[[nodiscard]] std::string to_markdown(const CommandText& root);
[[nodiscard]] std::string to_manual(const CommandText& root);
[[nodiscard]] std::string to_bash(const CommandText& root);
[[nodiscard]] std::string to_zsh(const CommandText& root);

}  // namespace offloader::cli
