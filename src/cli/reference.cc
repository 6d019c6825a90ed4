#include "reference.h"

#include <sstream>

namespace offloader::cli {
namespace {

FlagText describe(const CLI::Option& option) {
  FlagText flag;
  flag.positional = option.get_positional();
  flag.value = option.get_type_size() == 0 ? "" : option.get_type_name();
  flag.name = flag.positional ? option.get_name(true, false)
                              : "--" + (option.get_lnames().empty() ? "" : option.get_lnames().front());
  flag.meaning = option.get_description();
  flag.standard = option.get_default_str();
  flag.required = option.get_required();
  flag.many = option.get_items_expected_max() > 1;
  // CLI11 names the type of a set of choices `{closed,open}`.
  if (flag.value.starts_with('{') && flag.value.ends_with('}')) {
    std::stringstream words(flag.value.substr(1, flag.value.size() - 2));
    for (std::string word; std::getline(words, word, ',');) flag.choices.push_back(word);
    flag.value = "";
    for (const std::string& word : flag.choices) flag.value += (flag.value.empty() ? "" : "|") + word;
  }
  return flag;
}

std::string shown(const FlagText& flag) {
  if (flag.positional) return flag.name + (flag.many ? "..." : "");
  return flag.value.empty() ? flag.name : flag.name + " " + flag.value;
}

}  // namespace

CommandText describe(const CLI::App& app) {
  CommandText command;
  command.name = app.get_name();
  command.path = app.get_name();
  for (const CLI::App* parent = app.get_parent(); parent != nullptr; parent = parent->get_parent())
    command.path = parent->get_name() + " " + command.path;
  command.meaning = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) command.flags.push_back(describe(*option));
  }
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional() && option != app.get_help_ptr()) command.flags.push_back(describe(*option));
  }
  std::stringstream footer(app.get_footer());
  for (std::string line; std::getline(footer, line);) {
    if (line.starts_with("  ")) command.examples.push_back(line.substr(2));
  }
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; }))
    command.commands.push_back(describe(*child));
  return command;
}

std::string synopsis(const CommandText& command) {
  std::string line = command.path;
  if (!command.commands.empty()) return line + " COMMAND";
  for (const FlagText& flag : command.flags)
    line += flag.required ? " " + shown(flag) : " [" + shown(flag) + "]";
  return line;
}

std::string to_markdown(const CommandText& root) {
  const auto cell = [](const std::string& text) {
    std::string out;
    for (const char c : text)
      out += c == '|' ? std::string("\\|") : c == '<' ? std::string("&lt;") : std::string(1, c);
    return out;
  };
  std::string out =
      "# The `offloader` command\n\n<!-- Written by write-cli-reference from the commands themselves; change "
      "them there. -->"
      "\n\nExit codes: 0 success, 1 a finding or a failed check, 2 unknown flags or bad values. Results go "
      "to standard "
      "output, everything else to standard error. Colour and progress appear on a terminal only, and never "
      "with "
      "`NO_COLOR`. Every command takes `--help`.\n\n| command | what it does |\n| --- | --- |\n";
  each_leaf(root, [&](const CommandText& command) {
    std::string anchor;
    for (const char c : command.path) anchor += c == ' ' ? '-' : c;
    out += "| [`" + command.path + "`](#" + anchor + ") | " + cell(command.meaning) + " |\n";
  });
  each_leaf(root, [&](const CommandText& command) {
    out += "\n## " + command.path + "\n\n" + command.meaning + "\n\n    " + synopsis(command) + "\n";
    if (!command.flags.empty()) out += "\n| argument | meaning | default |\n| --- | --- | --- |\n";
    for (const FlagText& flag : command.flags) {
      out += "| `" + cell(shown(flag)) + "` | " + cell(flag.meaning) + " | " +
             (flag.required           ? "required"
              : flag.standard.empty() ? ""
                                      : "`" + cell(flag.standard) + "`") +
             " |\n";
    }
    out += "\nExample:\n\n";
    for (const std::string& example : command.examples) out += "    " + example + "\n";
  });
  return out;
}

std::string to_manual(const CommandText& root) {
  // Escapes dashes, so that they can be copied, and a leading `.` or `'`, which roff would read as a request.
  const auto text = [](const std::string& raw) {
    std::string out;
    for (const char c : raw) {
      if (c == '\\')
        out += "\\e";
      else if (c == '-')
        out += "\\-";
      else if (c == '`')
        out += "";
      else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n'))
        out += std::string("\\&") + c;
      else
        out += c;
    }
    return out;
  };
  std::string out =
      ".\\\" Written by write-cli-reference from the commands themselves; change them there.\n"
      ".TH OFFLOADER 1 \"\" \"offloader\" \"User Commands\"\n.ad l\n.nh\n.SH NAME\noffloader \\- serve "
      "warehouse "
      "snapshots as REST "
      "endpoints\n.SH SYNOPSIS\n.B offloader\n.I COMMAND\n[\n.I ARGUMENTS\n]\n.SH DESCRIPTION\n" +
      text(root.meaning) +
      "\nOne binary is both the server and its tools.\nResults go to standard output, everything else to "
      "standard error.\n"
      ".SH COMMANDS\n";
  each_leaf(root, [&](const CommandText& command) {
    out += ".SS \"" + text(command.path) + "\"\n.B " + text(synopsis(command)) + "\n.PP\n" +
           text(command.meaning) + "\n";
    for (const FlagText& flag : command.flags) {
      out += ".TP\n.B \"" + text(shown(flag)) + "\"\n" + text(flag.meaning);
      if (!flag.standard.empty()) out += " (default: " + text(flag.standard) + ")";
      out += "\n";
    }
    out += ".PP\nExample:\n.PP\n.nf\n.RS\n";
    for (const std::string& example : command.examples) out += text(example) + "\n";
    out += ".RE\n.fi\n";
  });
  return out +
         ".SH EXIT STATUS\n.TP\n.B 0\nSuccess.\n.TP\n.B 1\nA finding, or a failed check.\n.TP\n.B 2\nUnknown "
         "flags or bad "
         "values; the usage is on standard error.\n.SH ENVIRONMENT\n.TP\n.B OFFLOADER_CONFIG, "
         "OFFLOADER_SECRET_KEY_BASE, "
         "...\nThe settings of the server, as docs/reference/settings.md lists them.\n.TP\n.B "
         "OFFLOADER_ADMIN_TOKEN\nThe default of \\-\\-admin\\-token, which keeps the token out of process "
         "lists.\n.TP\n.B OFFLOADER_KEY\nThe default of \\-\\-key.\n.TP\n.B NO_COLOR\nIf set, output "
         "has no colour.\n";
}

}  // namespace offloader::cli
