#pragma once

#include <string>

#include "offloader/credentials/credentials.h"

// What several providers read from their services, or send to them. Pure; `unauthorized` with the service's
// name and nothing of its answer where that is of no use.
namespace offloader::credentials {

// What ECS and IMDS answer with.
[[nodiscard]] Result<AwsKeys> parse_container_keys(const std::string& json, const char* service);

// What an OAuth token endpoint and the metadata server answer with.
[[nodiscard]] Result<BearerToken> parse_token(const std::string& json, const char* service, SystemTime now);

// A JWT signed by RS256, as a service account asserts itself with; an error without any of the key when the
// key is no RSA key in PEM.
[[nodiscard]] Result<std::string> signed_jwt(const std::string& header, const std::string& claims,
                                             const std::string& private_key_pem);

}  // namespace offloader::credentials
