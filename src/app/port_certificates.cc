#include "port_certificates.h"

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "offloader/app/certificates.h"
#include "offloader/base/clock.h"
#include "offloader/base/timestamp.h"

namespace offloader::app {
namespace {

using Reread = http::TlsCredentials::Reread;

Result<std::shared_ptr<http::TlsCredentials>> load_port(const settings::TlsSettings& files,
                                                        const char* setting) {
  if (!files.enabled()) return nullptr;
  return http::TlsCredentials::load({files.certificate, files.key, files.client_ca, setting});
}

// Calls `use` with the name and the certificate of each port that speaks TLS.
template <typename Use>
void each(const PortCertificates& ports, Use use) {
  if (ports.api() != nullptr) use("api", *ports.api());
  if (ports.admin() != nullptr) use("admin", *ports.admin());
}

double seconds_left(SystemTime expires) {
  return std::chrono::duration<double>(expires - real_clock().now()).count();
}

void warn_if_soon(telemetry::Log& log, std::string_view port, const http::TlsCredentials& certificate) {
  if (!expires_soon(certificate.expires())) return;
  log.warning("a TLS certificate expires soon or has expired",
              {{"port", port},
               {"expires", to_rfc3339(certificate.expires())},
               {"file", certificate.files().certificate.string()}});
}

void tell(telemetry::Log& log, std::string_view port, const http::TlsCredentials& certificate,
          const Result<Reread>& outcome) {
  if (!outcome) {
    log.warning("the TLS files of a port were not accepted; the previous ones stay in use",
                {{"port", port}, {"reason", std::string_view(outcome.error().message)}});
  } else if (*outcome == Reread::replaced) {
    log.info("read the TLS certificate of a port",
             {{"port", port}, {"expires", to_rfc3339(certificate.expires())}});
    warn_if_soon(log, port, certificate);
  }
}

}  // namespace

Result<PortCertificates> PortCertificates::load(const settings::Settings& settings) {
  PortCertificates out;
  auto api = load_port(settings.api_tls, "OFFLOADER_API_TLS");
  if (!api) return fail(std::move(api.error()));
  auto admin = load_port(settings.admin_tls, "OFFLOADER_ADMIN_TLS");
  if (!admin) return fail(std::move(admin.error()));
  out.api_ = std::move(*api);
  out.admin_ = std::move(*admin);
  return out;
}

void PortCertificates::reread_changed(telemetry::Log& log) const {
  each(*this, [&](std::string_view port, http::TlsCredentials& certificate) {
    tell(log, port, certificate, certificate.reread_if_changed());
  });
}

void PortCertificates::reread_all(telemetry::Log& log) const {
  each(*this, [&](std::string_view port, http::TlsCredentials& certificate) {
    tell(log, port, certificate, certificate.reread());
  });
}

void PortCertificates::warn_of_expiry(telemetry::Log& log) const {
  each(*this, [&](std::string_view port, const http::TlsCredentials& certificate) {
    warn_if_soon(log, port, certificate);
  });
}

std::shared_ptr<void> PortCertificates::expose(telemetry::Metrics& metrics) const {
  std::vector<std::pair<telemetry::Gauge*, std::shared_ptr<const http::TlsCredentials>>> gauges;
  const auto add = [&](const char* port, const std::shared_ptr<http::TlsCredentials>& certificate) {
    if (certificate == nullptr) return;
    gauges.emplace_back(&metrics.gauge("offloader_tls_certificate_expires_seconds",
                                       "Seconds until the TLS certificate of a port expires, or an "
                                       "intermediate sent with it; negative once it has expired.",
                                       {{"port", port}}),
                        certificate);
  };
  add("api", api_);
  add("admin", admin_);
  return metrics.on_collect([gauges = std::move(gauges)] {
    for (const auto& [gauge, certificate] : gauges) gauge->set(seconds_left(certificate->expires()));
  });
}

bool expires_soon(SystemTime expires) {
  constexpr std::chrono::days kAhead{14};
  return expires - real_clock().now() < kAhead;
}

Result<std::vector<CertificateState>> read_certificates(const settings::Settings& settings) {
  const auto loaded = PortCertificates::load(settings);
  if (!loaded) return fail(loaded.error());
  std::vector<CertificateState> out;
  each(*loaded, [&](std::string_view port, const http::TlsCredentials& certificate) {
    out.push_back({std::string(port), certificate.expires()});
  });
  return out;
}

}  // namespace offloader::app
