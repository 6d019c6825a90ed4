#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "offloader/base/clock.h"
#include "offloader/base/result.h"
#include "offloader/transport/retry.h"

namespace offloader::credentials {

// The keys that sign S3 requests. `expires` is nullopt for keys that never expire.
struct AwsKeys {
  std::string key_id;
  std::string secret;
  std::string session_token;
  std::optional<SystemTime> expires;

  [[nodiscard]] bool same_as(const AwsKeys& other) const {
    return key_id == other.key_id && secret == other.secret && session_token == other.session_token;
  }
};

struct BearerToken {
  std::string token;
  std::optional<SystemTime> expires;

  [[nodiscard]] bool same_as(const BearerToken& other) const { return token == other.token; }
};

// When a provider must give up.
struct FetchLimits {
  SteadyTime deadline{};
  const CancelFlag* cancel = nullptr;
};

// One source of credentials. Any thread, but one call at a time.
template <typename Credentials>
class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;
  [[nodiscard]] virtual const char* name() const = 0;
  // Returns nullopt if the source is not set up. An error means that it is set up but fails; the chain then
  // ends, rather than continue under another identity.
  [[nodiscard]] virtual Result<std::optional<Credentials>> load(const FetchLimits& limits) = 0;
};

using AwsProvider = CredentialsProvider<AwsKeys>;
using BearerProvider = CredentialsProvider<BearerToken>;

// What the providers depend on. Pointers are not owned and must outlive the providers.
struct ProviderContext {
  std::function<std::optional<std::string>(const std::string&)> environment;
  transport::Retrier* retrier = nullptr;
  transport::RequestObserver* observer = nullptr;
  const Clock* clock = nullptr;

  [[nodiscard]] std::string env(const std::string& name) const {
    return environment ? environment(name).value_or("") : std::string();
  }
};

// Performs one request to a credentials service and returns the body of a 2xx answer. Errors: unauthorized
// for any other status, and those of Retrier::perform. They contain nothing of the answer's body.
[[nodiscard]] Result<std::string> fetch(const ProviderContext& context, const transport::HttpRequest& request,
                                        const char* service, const FetchLimits& limits);

}  // namespace offloader::credentials
