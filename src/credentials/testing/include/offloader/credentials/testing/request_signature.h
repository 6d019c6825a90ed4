#pragma once

#include <string>

#include "offloader/credentials/testing/credential_book.h"
#include "offloader/transport/testing/fake_server.h"

namespace offloader::credentials::testing {

// Checks a Signature V4 as a store does, from the request as received. Written independently of the client's
// signer, so that a shared mistake cannot pass. Returns S3's error code (AccessDenied,
// AuthorizationHeaderMalformed, InvalidAccessKeyId, SignatureDoesNotMatch, ExpiredToken, InvalidToken), or
// empty if the signature is valid.
[[nodiscard]] std::string refusal_of_signature(const transport::testing::Request& request,
                                               const CredentialBook& book, bool google,
                                               const std::string& region);

}  // namespace offloader::credentials::testing
