#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/cli/cli.h"

// Output and environment helpers that the commands share.
namespace offloader::cli {

enum class Colour { red, yellow, green, bold };

// Prints `text` to `to`. Uses the colour only if `terminal` is true, NO_COLOR is not set and TERM is not
// dumb.
void print_coloured(const World& world, std::ostream& to, bool terminal, Colour colour,
                    std::string_view text);

// Draws `label` with a bar of `share` (0 to 1) on standard error, replacing the previous bar. Does nothing
// unless standard error is a terminal and NO_COLOR is not set. end_progress() clears the line.
void show_progress(const World& world, std::string_view label, double share);
void end_progress(const World& world);

// As show_progress(), for work whose end is not known: draws `text` alone.
void show_status(const World& world, std::string_view text);

// Returns the value of a flag, or else of the variable `name`, or else the content of the file that
// `name`_FILE names. Returns an empty text if there is none. Fails if the file cannot be read, with a message
// that names it.
[[nodiscard]] Result<std::string> read_secret(const World& world, const std::string& flag,
                                              const std::string& name);

// As read_secret(), but returns an empty text if the file cannot be read.
[[nodiscard]] std::string secret_of(const World& world, const std::string& flag, const std::string& name);

// Returns the text as a JSON string, which is also a double-quoted YAML string, with its quotes.
[[nodiscard]] std::string json_quoted(std::string_view text);

// Returns a name of letters, digits and `_` as a YAML value. It is quoted if YAML 1.1 or 1.2 would read it as
// a number, boolean or null (`true`, `no`, `1e5`).
[[nodiscard]] std::string yaml_name(std::string_view name);

// Returns `--admin-url` if given, or else the local admin port from OFFLOADER_ADMIN_PORT, by default 4001.
[[nodiscard]] std::string admin_url_of(const World& world, const std::string& flag);

// Returns `--config` if given, or else OFFLOADER_CONFIG, which may be a URL, by default offloader.yml.
[[nodiscard]] std::string config_of(const World& world, const std::string& flag);

// As config_of(), but ignores an OFFLOADER_CONFIG that is a URL.
[[nodiscard]] std::string local_config_of(const World& world, const std::string& flag);

// Returns `1 dataset` or `2 datasets`.
[[nodiscard]] std::string counted(std::size_t count, std::string_view noun);

// Quotes a shell argument with single quotes, if it needs any.
[[nodiscard]] std::string shell_quoted(const std::string& text);

}  // namespace offloader::cli
