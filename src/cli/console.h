#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/cli/cli.h"

// What commands share in how they speak to people and to programs.
namespace offloader::cli {

enum class Colour { red, yellow, green, bold };

// Prints `text` to `to`, in a colour where `terminal` is one, NO_COLOR is not set and TERM is not dumb.
void print_coloured(const World& world, std::ostream& to, bool terminal, Colour colour,
                    std::string_view text);

// Prints `label` with a bar of `share` (0 to 1) on standard error, over the bar before; nothing unless that
// is a terminal and NO_COLOR is not set. end_progress() clears the line.
void show_progress(const World& world, std::string_view label, double share);
void end_progress(const World& world);

// A flag's value, else the variable `name`, else what the file named by `name`_FILE holds; empty when there
// is none.
[[nodiscard]] std::string secret_of(const World& world, const std::string& flag, const std::string& name);

// Text as a JSON or double-quoted YAML string, with its quotes.
[[nodiscard]] std::string json_quoted(std::string_view text);

// A name of letters, digits and `_` as a YAML value: in quotes where YAML, 1.1 or 1.2, would read a number, a
// boolean or null (`true`, `no`, `1e5`).
[[nodiscard]] std::string yaml_name(std::string_view name);

// `--admin-url` where it was given, else the local admin port by OFFLOADER_ADMIN_PORT, else 4001.
[[nodiscard]] std::string admin_url_of(const World& world, const std::string& flag);

// For a shell: as it is, or in single quotes.
[[nodiscard]] std::string shell_quoted(const std::string& text);

}  // namespace offloader::cli
