#pragma once

#include <string>
#include <vector>

#include "offloader/base/clock.h"
#include "offloader/base/result.h"
#include "offloader/settings/settings.h"

namespace offloader::app {

struct CertificateState {
  std::string port;  // api, admin
  SystemTime expires;
};

// Reads the TLS files of the settings as a starting server does, and returns the certificate of each port
// that speaks TLS. Any thread. Errors: `invalid_config`, naming the setting.
[[nodiscard]] Result<std::vector<CertificateState>> read_certificates(const settings::Settings& settings);

// Returns whether a certificate expires within 14 days, or has expired.
[[nodiscard]] bool expires_soon(SystemTime expires);

}  // namespace offloader::app
