#pragma once

#include <string>

#include "offloader/credentials/credentials.h"

// Parsers and builders that several providers share. Pure functions, any thread. Errors: unauthorized; the
// detail names the service and contains nothing of its answer.
namespace offloader::credentials {

// Parses the credentials JSON of ECS and of IMDS.
[[nodiscard]] Result<AwsKeys> parse_container_keys(const std::string& json, const char* service);

// Parses the token JSON of an OAuth token endpoint and of the metadata server.
[[nodiscard]] Result<BearerToken> parse_token(const std::string& json, const char* service, SystemTime now);

// Returns a JWT signed with RS256, by which a service account identifies itself. Errors: unauthorized if the
// key is not an RSA key in PEM; the error contains nothing of the key.
[[nodiscard]] Result<std::string> signed_jwt(const std::string& header, const std::string& claims,
                                             const std::string& private_key_pem);

}  // namespace offloader::credentials
