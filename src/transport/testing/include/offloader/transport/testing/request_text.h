#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "offloader/transport/testing/fake_server.h"

namespace offloader::transport::testing {

// Reads one request from a socket. `buffered` carries bytes read beyond it to the next call. Returns nullopt
// at the end of the connection and for anything that is not HTTP.
[[nodiscard]] std::optional<Request> read_request(int fd, std::string& buffered);

// Broken escapes are kept as they are.
[[nodiscard]] std::string percent_decoded(std::string_view text, bool plus_is_space = false);
[[nodiscard]] std::string percent_encoded(std::string_view text, bool keep_slash);
[[nodiscard]] std::string xml_escaped(std::string_view text);

// Returns one decoded field of an application/x-www-form-urlencoded text; empty if it is missing.
[[nodiscard]] std::string form_field(std::string_view form, std::string_view name);

}  // namespace offloader::transport::testing
