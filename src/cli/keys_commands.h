#pragma once

#include "command.h"
#include "offloader/base/result.h"

// What the files of the `keys` commands share.
namespace offloader::cli {

inline constexpr const char* kConfigHelp =
    "The project whose keys file is used; default $OFFLOADER_CONFIG if it is a local path, else "
    "offloader.yml";
inline constexpr const char* kAppliedLater = "Servers apply the change when they reload the project.";

// Adds `keys list`, `rotate`, `revoke` and `expire`.
void add_keys_changes(CLI::App& keys, Action& action);

// Validators: a time in ISO 8601 with an offset; an address or a network.
[[nodiscard]] CLI::Validator time_value();
[[nodiscard]] CLI::Validator network_value();

// Prints the message of an error and returns the exit code.
[[nodiscard]] int tell_failure(const Error& error, World& world);

}  // namespace offloader::cli
