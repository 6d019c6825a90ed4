#pragma once

#include <openssl/ssl.h>

#include <optional>

#include "offloader/http/tls.h"

namespace offloader::http {

// Returns the certificate of the client after the handshake, or nullopt if it sent none or one that did not
// verify.
[[nodiscard]] std::optional<ClientCertificate> client_certificate_of(const SSL& ssl);

// Returns the end of validity of a certificate; the beginning of the epoch if it cannot be parsed.
[[nodiscard]] SystemTime expiry_of(const X509& certificate);

}  // namespace offloader::http
