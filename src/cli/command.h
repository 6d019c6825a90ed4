#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "offloader/cli/cli.h"

namespace offloader::cli {

// Runs the parsed command and returns the exit code. Each add_… function declares a command's flags and
// assigns this in the command's callback.
using Action = std::function<int(World&)>;

// Builds the tree of all commands. Parsing assigns `action`, which must outlive the tree.
[[nodiscard]] std::unique_ptr<CLI::App> command_tree(Action& action);

// Adds the command `parent NAME`. Its --help ends in `example`: whole command lines, one per line. Tests
// check that they parse.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& example);

// Validators of flag values. Help shows the option's type_name instead of their names.
[[nodiscard]] CLI::Validator identifier_value();
[[nodiscard]] CLI::Validator url_value();  // http or https
// Digits alone, without a sign or a leading zero.
[[nodiscard]] CLI::Validator whole_number_between(std::uint64_t least, std::uint64_t most);
[[nodiscard]] CLI::Validator number_between(double least, double most);

void add_start(CLI::App& root, Action& action);
void add_serve(CLI::App& root, Action& action);
void add_init(CLI::App& root, Action& action);
void add_scaffold_dataset(CLI::App& root, Action& action);
void add_manifest(CLI::App& root, Action& action);
void add_validate(CLI::App& root, Action& action);
void add_keys(CLI::App& root, Action& action);
void add_endpoint(CLI::App& root, Action& action);
void add_snapshot(CLI::App& root, Action& action);
void add_usage(CLI::App& root, Action& action);
void add_healthcheck(CLI::App& root, Action& action);
void add_doctor(CLI::App& root, Action& action);
void add_docs(CLI::App& root, Action& action);
void add_support_bundle(CLI::App& root, Action& action);
void add_index(CLI::App& root, Action& action);
void add_audit(CLI::App& root, Action& action);
void add_bench(CLI::App& root, Action& action);
void add_version(CLI::App& root, Action& action);

}  // namespace offloader::cli
