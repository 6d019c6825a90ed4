#include "offloader/cli/cli.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <optional>
#include <ostream>

#include "command.h"
#include "offloader/base/file.h"
#include "offloader/base/identifier.h"
#include "offloader/base/url.h"
#include "reference.h"
#include "terminal_text.h"
#include "usage_error.h"

namespace offloader::cli {
namespace {

constexpr std::size_t kFlagColumn = 34;

std::string path_of(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent == nullptr ? command.get_name() : path_of(*parent) + " " + command.get_name();
}

void print_usage(const CLI::App& app, const CLI::ParseError& error, std::ostream& to) {
  const UsageError wrong = explain(app, error);
  const std::string path = path_of(*wrong.command);
  std::string usage = CLI::Formatter().make_usage(wrong.command, path);
  while (!usage.empty() && usage.back() == '\n') usage.pop_back();
  to << path << ": " << wrong.message << "\n" << usage << "\nSee: " << path << " --help\n";
}

int run_escaped(const std::vector<std::string>& arguments, World& world) {
  Action action;
  const auto app = command_tree(action);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // the order that CLI11 expects
    app->parse(reversed);
  } catch (const CLI::Success& help) {  // --help
    return app->exit(help, world.out, world.err) == 0 ? kSuccess : kUsage;
  } catch (const CLI::ParseError& error) {
    print_usage(*app, error, world.err);
    return kUsage;
  }
  return action ? action(world) : kUsage;
}

// Reads digits alone: CLI11 would also read an empty text, signs, octal and hexadecimal numbers.
std::optional<std::uint64_t> whole_number(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && read == end ? std::optional(value) : std::nullopt;
}

}  // namespace

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& example) {
  CLI::App* command = parent.add_subcommand(name, description);
  std::string indented = "  " + example;
  for (std::size_t at = 0; (at = indented.find('\n', at)) != std::string::npos; at += 3)
    indented.insert(at + 1, "  ");
  command->footer("Example:\n" + indented);
  return command;
}

CLI::Validator identifier_value() {
  return {[](const std::string& text) {
            return is_identifier(text)
                       ? std::string()
                       : "`" + text +
                             "` is not a valid name: start with a-z, and use a-z, 0-9 and _ (at most 63)";
          },
          ""};
}

CLI::Validator url_value() {
  return {[](const std::string& text) {
            const auto url = parse_url(text);
            return url && url->is_web() ? std::string() : "`" + text + "` is not an http:// or https:// URL";
          },
          ""};
}

CLI::Validator whole_number_between(std::uint64_t least, std::uint64_t most) {
  return {[=](const std::string& text) {
            const auto value = whole_number(text);
            return value && *value >= least && *value <= most
                       ? std::string()
                       : fmt::format("`{}` is not a whole number from {} to {}", text, least, most);
          },
          ""};
}

CLI::Validator number_between(double least, double most) {
  return {[=](const std::string& text) {
            double value = 0;
            return CLI::detail::lexical_cast(text, value) && value >= least && value <= most
                       ? std::string()
                       : fmt::format("`{}` is not a number from {:.10} to {:.10}", text, least, most);
          },
          ""};
}

std::unique_ptr<CLI::App> command_tree(Action& action) {
  auto app = std::make_unique<CLI::App>(
      "Serves warehouse snapshots as REST endpoints: keys, tenants, freshness, rollback.", "offloader");
  app->require_subcommand(1);
  app->get_formatter()->column_width(kFlagColumn);
  app->footer("Example:\n  offloader init --out demo\n  offloader serve demo");
  add_start(*app, action);
  add_serve(*app, action);
  add_init(*app, action);
  add_scaffold_dataset(*app, action);
  add_manifest(*app, action);
  add_validate(*app, action);
  add_keys(*app, action);
  add_endpoint(*app, action);
  add_snapshot(*app, action);
  add_usage(*app, action);
  add_healthcheck(*app, action);
  add_doctor(*app, action);
  add_docs(*app, action);
  add_index(*app, action);
  add_audit(*app, action);
  add_bench(*app, action);
  add_support_bundle(*app, action);
  add_version(*app, action);
  return app;
}

int run(const std::vector<std::string>& arguments, World& outside) {
  // Files that commands write may contain keys and data.
  restrict_new_files();
  // Escape all output, so that no printed text can control the terminal, whatever its source.
  EscapingBuffer out_buffer(*outside.out.rdbuf());
  EscapingBuffer err_buffer(*outside.err.rdbuf());
  std::ostream out(&out_buffer);
  std::ostream err(&err_buffer);
  World world{.out = out,
              .err = err,
              .in = outside.in,
              .environment = outside.environment,
              .out_is_terminal = outside.out_is_terminal,
              .err_is_terminal = outside.err_is_terminal};
  const int status = run_escaped(arguments, world);
  out.flush();
  err.flush();
  return status;
}

std::string command_reference(ReferenceFormat format) {
  Action action;
  const CommandText root = describe(*command_tree(action));
  switch (format) {
    case ReferenceFormat::markdown:
      return to_markdown(root);
    case ReferenceFormat::manual:
      return to_manual(root);
    case ReferenceFormat::bash:
      return to_bash(root);
    case ReferenceFormat::zsh:
      return to_zsh(root);
  }
  return "";
}

}  // namespace offloader::cli
