#pragma once

#include <string>

#include "offloader/credentials/testing/credential_book.h"
#include "offloader/transport/testing/fake_server.h"

namespace offloader::credentials::testing {

// Checks a Signature V4 as a store does, from the request on the wire, written apart from the client's
// signer so that both must be right. The error code that S3 answers with (AccessDenied, InvalidAccessKeyId,
// SignatureDoesNotMatch, ExpiredToken); empty when the request is soundly signed.
[[nodiscard]] std::string refusal_of_signature(const transport::testing::Request& request,
                                               const CredentialBook& book, bool google,
                                               const std::string& region);

}  // namespace offloader::credentials::testing
