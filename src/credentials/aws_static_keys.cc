#include <utility>

#include "offloader/credentials/aws_providers.h"

namespace offloader::credentials {
namespace {

class ExplicitKeys final : public AwsProvider {
 public:
  explicit ExplicitKeys(AwsKeys keys) : keys_(std::move(keys)) {}
  const char* name() const override { return "settings"; }
  Result<std::optional<AwsKeys>> load(const FetchLimits&) override {
    if (keys_.key_id.empty()) return std::nullopt;
    return keys_;
  }

 private:
  const AwsKeys keys_;
};

class EnvironmentKeys final : public AwsProvider {
 public:
  explicit EnvironmentKeys(ProviderContext context) : context_(std::move(context)) {}
  const char* name() const override { return "environment"; }
  Result<std::optional<AwsKeys>> load(const FetchLimits&) override {
    AwsKeys keys{context_.env("AWS_ACCESS_KEY_ID"), context_.env("AWS_SECRET_ACCESS_KEY"),
                 context_.env("AWS_SESSION_TOKEN"), std::nullopt};
    if (keys.key_id.empty() || keys.secret.empty()) return std::nullopt;
    return keys;
  }

 private:
  const ProviderContext context_;
};

}  // namespace

std::unique_ptr<AwsProvider> explicit_keys(AwsKeys keys) {
  return std::make_unique<ExplicitKeys>(std::move(keys));
}

std::unique_ptr<AwsProvider> environment_keys(ProviderContext context) {
  return std::make_unique<EnvironmentKeys>(std::move(context));
}

}  // namespace offloader::credentials
