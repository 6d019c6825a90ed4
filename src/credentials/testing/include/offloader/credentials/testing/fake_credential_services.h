#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "offloader/credentials/testing/credential_book.h"
#include "offloader/transport/testing/fake_server.h"

namespace offloader::credentials::testing {

// Fake credential services of the clouds, all on one port: EC2 IMDSv2 (/latest/…), ECS (/ecs), STS
// AssumeRoleWithWebIdentity (POST /), Google's metadata server (/computeMetadata/…) and OAuth token endpoint
// (POST /oauth/token). They record what they issue in `book`, which must outlive them. Any thread.
class FakeCredentialServices {
 public:
  static constexpr const char* kRole = "offloader role";  // IMDS role name; contains a space
  static constexpr const char* kContainerToken = "Basic container-authorization";
  static constexpr const char* kWebIdentityToken = "eyJ.web-identity.token";

  explicit FakeCredentialServices(CredentialBook& book);

  void set_lifetime(std::chrono::milliseconds lifetime) { lifetime_ms_ = lifetime.count(); }

  [[nodiscard]] transport::testing::FakeServer& server() { return server_; }
  [[nodiscard]] std::string url() const { return server_.url(); }
  [[nodiscard]] std::string container_url() const { return server_.url() + "/ecs"; }
  [[nodiscard]] std::string sts_url() const { return server_.url() + "/"; }
  [[nodiscard]] std::string oauth_url() const { return server_.url() + "/oauth/token"; }
  [[nodiscard]] std::string metadata_host() const { return server_.host_port(); }

 private:
  [[nodiscard]] transport::testing::Answer answer(const transport::testing::Request& request);
  [[nodiscard]] transport::testing::Answer instance(const transport::testing::Request& request);
  [[nodiscard]] transport::testing::Answer sts(const transport::testing::Request& request);
  [[nodiscard]] transport::testing::Answer keys_json();
  [[nodiscard]] transport::testing::Answer token_json();
  [[nodiscard]] std::chrono::milliseconds lifetime() const {
    return std::chrono::milliseconds(lifetime_ms_.load());
  }

  CredentialBook& book_;
  std::atomic<std::int64_t> lifetime_ms_{3600 * 1000};
  transport::testing::FakeServer server_;
};

}  // namespace offloader::credentials::testing
