#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "offloader/cli/cli.h"

namespace offloader::cli {

// What the parsed command line asks for; returns the exit code. A command's add_… function declares its flags
// and sets this in its callback.
using Action = std::function<int(World&)>;

// Every command; `action` is set by parsing, and outlives the tree.
[[nodiscard]] std::unique_ptr<CLI::App> command_tree(Action& action);

// Adds `parent NAME` with a description, and an example that its --help ends in: whole command lines, one
// each line, which really parse.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& example);

// Checks of values; what they are called in help is the option's type_name.
[[nodiscard]] CLI::Validator identifier_value();
[[nodiscard]] CLI::Validator url_value();  // http or https

void add_start(CLI::App& root, Action& action);
void add_serve(CLI::App& root, Action& action);
void add_init(CLI::App& root, Action& action);
void add_scaffold_dataset(CLI::App& root, Action& action);
void add_manifest(CLI::App& root, Action& action);
void add_validate(CLI::App& root, Action& action);
void add_keys(CLI::App& root, Action& action);
void add_endpoint(CLI::App& root, Action& action);
void add_snapshot(CLI::App& root, Action& action);
void add_healthcheck(CLI::App& root, Action& action);
void add_doctor(CLI::App& root, Action& action);
void add_docs(CLI::App& root, Action& action);
void add_support_bundle(CLI::App& root, Action& action);
void add_index(CLI::App& root, Action& action);
void add_bench(CLI::App& root, Action& action);
void add_version(CLI::App& root, Action& action);

}  // namespace offloader::cli
