#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace offloader::http::testing {

// A certificate and its key, in PEM.
struct IssuedCertificate {
  std::string certificate;
  std::string key;
};

struct CertificateRequest {
  std::string common_name = "localhost";
  std::string names = "DNS:localhost,IP:127.0.0.1";  // as OpenSSL's configuration writes them; empty: none
  std::chrono::seconds valid_from{-3600};            // relative to now
  std::chrono::seconds valid_until{3600};
};

// A certificate authority made for one test, with P-256 keys. Throws std::runtime_error if OpenSSL fails.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name);
  ~TestAuthority();

  [[nodiscard]] IssuedCertificate issue(const CertificateRequest& request = {}) const;
  // Returns its own certificate, in PEM.
  [[nodiscard]] const std::string& certificate() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// Writes `bytes` as a new file and renames it over `path`, as tools that renew certificates do.
void replace_file(const std::filesystem::path& path, const std::string& bytes);

}  // namespace offloader::http::testing
