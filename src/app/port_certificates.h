#pragma once

#include <memory>

#include "offloader/base/result.h"
#include "offloader/http/tls.h"
#include "offloader/settings/settings.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::app {

// The TLS certificates of both ports. Owned by the server. The functions that read files may be called by one
// thread at a time.
class PortCertificates {
 public:
  // Reads the files that the settings name. Errors: `invalid_config`, naming the setting.
  [[nodiscard]] static Result<PortCertificates> load(const settings::Settings& settings);

  // Return the certificate of a port; null if it speaks plain HTTP.
  [[nodiscard]] const std::shared_ptr<http::TlsCredentials>& api() const { return api_; }
  [[nodiscard]] const std::shared_ptr<http::TlsCredentials>& admin() const { return admin_; }
  [[nodiscard]] bool any() const { return api_ != nullptr || admin_ != nullptr; }

  // Read the files again, those that have changed or all. Files that are not accepted are logged, and the
  // previous ones stay in use.
  void reread_changed(telemetry::Log& log) const;
  void reread_all(telemetry::Log& log) const;

  // Logs a warning for each certificate that expires within 14 days.
  void warn_of_expiry(telemetry::Log& log) const;

  // Registers offloader_tls_certificate_expires_seconds for as long as the returned token lives.
  [[nodiscard]] std::shared_ptr<void> expose(telemetry::Metrics& metrics) const;

 private:
  std::shared_ptr<http::TlsCredentials> api_;
  std::shared_ptr<http::TlsCredentials> admin_;
};

}  // namespace offloader::app
