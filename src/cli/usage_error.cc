#include "usage_error.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "offloader/base/identifier.h"

namespace offloader::cli {
namespace {

// Returns the commands of the line, from the root to the deepest one.
std::vector<const CLI::App*> parsed(const CLI::App& root) {
  std::vector<const CLI::App*> out{&root};
  while (!out.back()->get_subcommands().empty()) out.push_back(out.back()->get_subcommands().front());
  return out;
}

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
  const auto near = nearest_match(word, known);
  return near ? "; did you mean `" + *near + "`?" : "";
}

std::string unknown(const CLI::App& command, const std::string& word) {
  std::vector<std::string> known;
  if (word.starts_with('-')) {
    const std::string flag = word.substr(0, word.find('='));
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
    return "unknown flag `" + flag + "`" + suggestion(flag, known);
  }
  const auto commands = command.get_subcommands([](const CLI::App*) { return true; });
  if (commands.empty()) return "unexpected argument `" + word + "`";
  for (const CLI::App* each : commands) known.push_back(each->get_name());
  return "unknown command `" + word + "`" + suggestion(word, known);
}

}  // namespace

UsageError explain(const CLI::App& root, const CLI::ParseError& error) {
  const std::vector<const CLI::App*> commands = parsed(root);
  // An unknown flag also leaves required flags unset and commands missing, so name it first.
  const bool incomplete = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr ||
                          dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  if (incomplete) {
    for (const CLI::App* command : commands) {
      for (const std::string& word : command->remaining()) {
        if (word != "--") return {command, unknown(*command, word)};
      }
    }
  }
  return {commands.back(), error.what()};
}

}  // namespace offloader::cli
