#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "command.h"
#include "http_client.h"

// What the commands that call an endpoint share: their flags, the request, and how they show an error.
namespace offloader::cli {

struct CallFlags {
  std::string endpoint;
  std::string url = "http://localhost:4000";
  std::string key;
  std::vector<std::string> params;
};

// Declares --endpoint, --url, --key and --params.
void add_call_flags(CLI::App& command, CallFlags& flags);

// Returns whether --params has a value of this param.
[[nodiscard]] bool names_param(const CallFlags& flags, std::string_view name);

struct Call {
  std::string url;
  std::vector<std::string> headers;  // whole lines
  bool has_key = false;
};

// Builds the request. `more` are params in addition to --params. Errors: `invalid_param` with a message that
// names the flag.
[[nodiscard]] Result<Call> call_of(const CallFlags& flags, const World& world,
                                   const std::vector<std::string>& more);

// Returns the body of an error as `family: message`, and a line for each further problem of a 422. Empty if
// the body is no error.
[[nodiscard]] std::string error_text(const nlohmann::json& body);

// Prints the error of an answer that is not as expected, and print_advice().
void print_refused(long status, const nlohmann::json& body, const Call& call, World& world);

// Prints what to do about an answer of this status, if there is anything to say.
void print_advice(long status, const Call& call, World& world);

// Prints that there is no answer, and what may be wrong.
void print_unreachable(const Call& call, const Error& error, World& world);

}  // namespace offloader::cli
