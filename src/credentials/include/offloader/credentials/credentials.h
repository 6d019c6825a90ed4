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

// What signs for S3. `expires` is nothing for keys that last.
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

// Within what a provider may act.
struct FetchLimits {
  SteadyTime deadline{};
  const CancelFlag* cancel = nullptr;
};

// One place where credentials may come from. `load` is nothing when the place is not set up at all, an error
// when it is but does not give; then the chain ends there, rather than reading under somebody else's name.
// Any thread, one at a time.
template <typename Credentials>
class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;
  [[nodiscard]] virtual const char* name() const = 0;
  [[nodiscard]] virtual Result<std::optional<Credentials>> load(const FetchLimits& limits) = 0;
};

using AwsProvider = CredentialsProvider<AwsKeys>;
using BearerProvider = CredentialsProvider<BearerToken>;

// What the providers stand on.
struct ProviderContext {
  std::function<std::optional<std::string>(const std::string&)> environment;
  transport::Retrier* retrier = nullptr;
  transport::RequestObserver* observer = nullptr;
  const Clock* clock = nullptr;

  [[nodiscard]] std::string env(const std::string& name) const {
    return environment ? environment(name).value_or("") : std::string();
  }
};

// One request to a credentials service; only 2xx is an answer. No error names more than `service` and the
// status.
[[nodiscard]] Result<std::string> fetch(const ProviderContext& context, const transport::HttpRequest& request,
                                        const char* service, const FetchLimits& limits);

}  // namespace offloader::credentials
