#include "reference.h"

namespace offloader::cli {
namespace {

enum class Complete { nothing, files, folders };

Complete kind_of(const FlagText& flag) {
  if (flag.value == "DIR") return Complete::folders;
  const bool names_file = flag.value == "FILE" || flag.value == "PATH" || flag.value == "PROJECT";
  return names_file || (flag.positional && (flag.name == "FILE" || flag.name == "PROJECT"))
             ? Complete::files
             : Complete::nothing;
}

std::string function_name(const std::string& path) {
  std::string out = "_";
  for (const char c : path) out += c == ' ' || c == '-' ? '_' : c;
  return out;
}

// Escapes text for single quotes and for zsh's own brackets.
std::string zsh_text(const std::string& raw) {
  std::string out;
  for (const char c : raw) {
    if (c == '\'')
      out += "'\\''";
    else if (c == '[' || c == ']' || c == ':')
      out += std::string("\\") + c;
    else if (c != '`')
      out += c;
  }
  return out;
}

std::string zsh_action(const FlagText& flag) {
  if (!flag.choices.empty()) {
    std::string words;
    for (const std::string& choice : flag.choices) words += (words.empty() ? "" : " ") + choice;
    return "(" + words + ")";
  }
  switch (kind_of(flag)) {
    case Complete::files:
      return "_files";
    case Complete::folders:
      return "_files -/";
    case Complete::nothing:
      break;
  }
  return " ";
}

void append_zsh(const CommandText& command, std::string& out) {
  out += "\n" + function_name(command.path) + "() {\n";
  if (command.commands.empty()) {
    out += "  _arguments '--help[show help]'";
    for (const FlagText& flag : command.flags) {
      out += " \\\n    '";
      if (flag.positional) {
        out += (flag.many ? "*:" : ":") + zsh_text(flag.name) + ":" + zsh_action(flag);
      } else {
        out += flag.name + "[" + zsh_text(flag.meaning) + "]";
        if (!flag.value.empty()) out += ":" + zsh_text(flag.value) + ":" + zsh_action(flag);
      }
      out += "'";
    }
    out += "\n}\n";
    return;
  }
  out += "  local state\n  local -a commands=(\n";
  for (const CommandText& child : command.commands)
    out += "    '" + child.name + ":" + zsh_text(child.meaning) + "'\n";
  out +=
      "  )\n  _arguments -C '--help[show help]' '1: :->command' '*:: :->rest'\n  case $state in\n"
      "    command) _describe command commands ;;\n    rest) case $words[1] in\n";
  for (const CommandText& child : command.commands)
    out += "      " + child.name + ") " + function_name(child.path) + " ;;\n";
  out += "    esac ;;\n  esac\n}\n";
  for (const CommandText& child : command.commands) append_zsh(child, out);
}

void append_bash(const CommandText& command, std::string& out) {
  std::string words = "--help";
  Complete positional = Complete::nothing;
  std::string values;
  for (const FlagText& flag : command.flags) {
    if (flag.positional) {
      positional = kind_of(flag);
      continue;
    }
    words += " " + flag.name;
    if (flag.value.empty()) continue;
    std::string reply;
    if (!flag.choices.empty()) {
      for (const std::string& choice : flag.choices) reply += (reply.empty() ? "" : " ") + choice;
      reply = "-W '" + reply + "'";
    } else {
      const Complete kind = kind_of(flag);
      reply = kind == Complete::files ? "-f" : kind == Complete::folders ? "-d" : "";
    }
    values += "        " + flag.name + ") reply='" +
              (reply.starts_with("-W") ? "-W \"" + reply.substr(4, reply.size() - 5) + "\"" : reply) +
              "'; return ;;\n";
  }
  for (const CommandText& child : command.commands) words += " " + child.name;
  out += "    '" + command.path + "')\n";
  if (!values.empty()) out += "      case $previous in\n" + values + "      esac\n";
  out += "      words='" + words + "'\n";
  if (positional == Complete::files) out += "      files=-f\n";
  out += "      ;;\n";
  for (const CommandText& child : command.commands) append_bash(child, out);
}

}  // namespace

std::string to_bash(const CommandText& root) {
  std::string groups;  // commands that have subcommands
  const auto collect = [&](const auto& self, const CommandText& command) -> void {
    for (const CommandText& child : command.commands) {
      groups += (groups.empty() ? "'" : "|'") + child.path + "'";
      self(self, child);
    }
  };
  collect(collect, root);
  std::string cases;
  append_bash(root, cases);
  return "# Completion of offloader for bash. Written by write-cli-reference from the commands themselves.\n"
         "_offloader_words() {\n  local path=$1 previous=$2\n  words= files= reply=none\n  case $path in\n" +
         cases +
         "  esac\n}\n\n_offloader() {\n  local current=${COMP_WORDS[COMP_CWORD]} "
         "previous=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  local path=offloader i words files reply\n  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case \"$path ${COMP_WORDS[i]}\" in\n      " +
         groups +
         ") path=\"$path ${COMP_WORDS[i]}\" ;;\n    esac\n  done\n  _offloader_words \"$path\" "
         "\"$previous\"\n"
         "  COMPREPLY=()\n  compopt -o filenames 2> /dev/null\n  local line\n"
         "  while IFS= read -r line; do COMPREPLY+=(\"$line\"); done < <(\n"
         "    if [ \"$reply\" != none ]; then\n      [ -z \"$reply\" ] || eval \"compgen $reply -- "
         "\\\"\\$current\\\"\"\n"
         "    else\n      compgen -W \"$words\" -- \"$current\"\n"
         "      case $current in -*) ;; *) [ -z \"$files\" ] || compgen -f -- \"$current\" ;; esac\n    "
         "fi)\n}\n\n"
         "complete -F _offloader offloader\n";
}

std::string to_zsh(const CommandText& root) {
  std::string out =
      "#compdef offloader\n# Completion of offloader for zsh. Written by write-cli-reference from the "
      "commands themselves.\n";
  append_zsh(root, out);
  return out + "\n_offloader \"$@\"\n";
}

}  // namespace offloader::cli
