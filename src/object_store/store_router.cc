#include <array>
#include <memory>
#include <utility>

#include "gcs_store.h"
#include "http_store.h"
#include "local_store.h"
#include "offloader/credentials/aws_providers.h"
#include "offloader/credentials/gcs_providers.h"
#include "offloader/object_store/store_options.h"
#include "offloader/object_store/url_policy.h"
#include "store_url.h"
#include "traffic.h"
#include "xml_store.h"

namespace offloader::object_store {
namespace {

bool is_hmac(const StoreOptions& options) {
  return options.s3.type == "gcs" && !options.s3.key_id.empty();
}

bool is_anonymous(const GcsOptions& options) {
  return options.auth == "none" || options.auth == "anonymous" || options.auth == "public";
}

// Sends each URL to the store for its scheme, after checking the call's policy.
class StoreRouter final : public ObjectStore {
 public:
  StoreRouter(StoreOptions options, telemetry::Telemetry& telemetry)
      : options_(std::move(options)),
        metrics_(telemetry.metrics()),
        log_(telemetry.log()),
        transport_(transport::make_curl_transport(
            {options_.ca_file, options_.https_proxy, options_.no_proxy, options_.floor})),
        retrier_(
            std::make_shared<transport::Retrier>(*transport_, options_.retry, options_.connect_timeout)) {
    local_ = make_local_store(traffic("local"));
    http_ = make_http_store(retrier_, traffic("https"), traffic("http"));
    s3_ = make_s3();
    gcs_ = make_gcs();
  }

  Result<ObjectInfo> stat(const std::string& url, const Call& call) override {
    return routed(url, call, [&](ObjectStore& store) { return store.stat(url, call); });
  }
  Result<std::string> get(const std::string& url, std::uint64_t limit, const Call& call) override {
    return routed(url, call, [&](ObjectStore& store) { return store.get(url, limit, call); });
  }
  Result<void> read_many(const std::string& url, const std::vector<RangeRead>& reads,
                         const std::string& expected_tag, const Call& call) override {
    return routed(url, call,
                  [&](ObjectStore& store) { return store.read_many(url, reads, expected_tag, call); });
  }
  Result<std::vector<ObjectInfo>> list(const std::string& url, std::size_t max_objects,
                                       const Call& call) override {
    return routed(url, call, [&](ObjectStore& store) { return store.list(url, max_objects, call); });
  }

 private:
  std::shared_ptr<Traffic> traffic(const char* store) const {
    return std::make_shared<Traffic>(metrics_, store);
  }

  credentials::ProviderContext context(const std::shared_ptr<Traffic>& counted) {
    kept_.push_back(counted);
    return {options_.environment, retrier_.get(), counted.get(), options_.clock};
  }

  template <typename Credentials>
  std::shared_ptr<credentials::CredentialsCache<Credentials>> credentials(
      const char* store, std::vector<std::unique_ptr<credentials::CredentialsProvider<Credentials>>> chain,
      bool required) {
    // Logged when the store is first read (at start for a store that the project names), and again only if
    // another provider supplies the credentials.
    auto say = [&log = log_, store](const std::string& source) {
      if (source == "anonymous") {
        log.info("reading the object store anonymously: it has no credentials", {{"store", store}});
      } else {
        log.info("using credentials for the object store", {{"store", store}, {"source", source}});
      }
    };
    typename credentials::CredentialsCache<Credentials>::Rules rules{required, std::move(say)};
    return std::make_shared<credentials::CredentialsCache<Credentials>>(std::move(chain), *options_.clock,
                                                                        std::move(rules));
  }

  std::unique_ptr<ObjectStore> make_s3() {
    const auto counted = traffic("s3");
    const S3Options& s3 = options_.s3;
    std::vector<std::unique_ptr<credentials::AwsProvider>> chain;
    // Google's HMAC keys are not valid for S3.
    if (s3.auth.empty() && s3.type != "gcs") {
      chain.push_back(credentials::explicit_keys({s3.key_id, s3.secret, s3.session_token, std::nullopt}));
    }
    const credentials::ProviderContext with = context(counted);
    chain.push_back(credentials::environment_keys(with));
    chain.push_back(credentials::profile_keys(with));
    chain.push_back(credentials::web_identity_keys(with, s3.region));
    chain.push_back(credentials::container_keys(with));
    chain.push_back(credentials::instance_keys(with));
    XmlStoreSettings settings;
    const bool own_endpoint = !s3.endpoint.empty() && s3.type != "gcs";
    settings.base = own_endpoint
                        ? base_of_endpoint(s3.endpoint, s3.use_ssl.value_or(true))
                        : base_of_endpoint("s3." + s3.region + ".amazonaws.com", s3.use_ssl.value_or(true));
    settings.path_style = s3.url_style.empty() ? own_endpoint : s3.url_style == "path";
    settings.region = s3.region;
    settings.dialect = credentials::aws_dialect("s3");
    return make_xml_store(settings, retrier_, counted,
                          credentials<credentials::AwsKeys>("s3", std::move(chain), s3.auth == "chain"),
                          *options_.clock);
  }

  std::unique_ptr<ObjectStore> make_gcs() {
    const auto counted = traffic("gcs");
    const std::string base = options_.gcs.endpoint.empty() ? "https://storage.googleapis.com"
                                                           : base_of_endpoint(options_.gcs.endpoint, true);
    if (is_hmac(options_)) {
      std::vector<std::unique_ptr<credentials::AwsProvider>> chain;
      chain.push_back(credentials::explicit_keys({options_.s3.key_id, options_.s3.secret, {}, std::nullopt}));
      const XmlStoreSettings settings{"gs", base, true, "auto", credentials::google_dialect(), true};
      return make_xml_store(settings, retrier_, counted,
                            credentials<credentials::AwsKeys>("gcs", std::move(chain), true),
                            *options_.clock);
    }
    std::vector<std::unique_ptr<credentials::BearerProvider>> chain;
    if (!is_anonymous(options_.gcs))
      chain = credentials::gcs_providers(context(counted), options_.gcs.token, options_.gcs.gcloud_command);
    return make_gcs_store(
        base, retrier_, counted,
        credentials<credentials::BearerToken>("gcs", std::move(chain), options_.gcs.auth == "bearer"));
  }

  template <typename Use>
  std::invoke_result_t<Use, ObjectStore&> routed(const std::string& url, const Call& call, const Use& use) {
    if (call.policy != nullptr) {
      if (const auto allowed = check_url(url, *call.policy); !allowed) return fail(allowed.error());
    }
    const auto parsed = parse_store_url(url);
    if (!parsed) return fail(parsed.error());
    switch (parsed->scheme) {
      case Scheme::local:
        return use(*local_);
      case Scheme::s3:
      case Scheme::gs:
        if (const auto valid = check_options(options_); !valid) return fail(valid.error());
        return use(parsed->scheme == Scheme::s3 ? *s3_ : *gcs_);
      case Scheme::https:
      case Scheme::http:
        return use(*http_);
    }
    return fail(ErrorCode::internal, "unknown URL scheme");
  }

  const StoreOptions options_;
  telemetry::Metrics& metrics_;
  telemetry::Log& log_;
  const std::shared_ptr<transport::Transport> transport_;
  const std::shared_ptr<transport::Retrier> retrier_;
  std::vector<std::shared_ptr<Traffic>> kept_;
  std::unique_ptr<ObjectStore> local_;
  std::unique_ptr<ObjectStore> http_;
  std::unique_ptr<ObjectStore> s3_;
  std::unique_ptr<ObjectStore> gcs_;
};

bool one_of(const std::string& word, std::initializer_list<const char*> words) {
  for (const char* const candidate : words) {
    if (word == candidate) return true;
  }
  return false;
}

}  // namespace

std::shared_ptr<ObjectStore> make_object_store(StoreOptions options, telemetry::Telemetry& telemetry) {
  return std::make_shared<StoreRouter>(std::move(options), telemetry);
}

Result<void> check_options(const StoreOptions& options) {
  const auto bad = [](const char* what) { return fail(ErrorCode::invalid_config, what); };
  const S3Options& s3 = options.s3;
  if (!one_of(s3.type, {"", "s3", "gcs"})) return bad("OFFLOADER_S3_TYPE must be s3 or gcs");
  if (!one_of(s3.auth, {"", "chain"})) return bad("OFFLOADER_S3_AUTH must be chain or unset");
  if (!one_of(s3.url_style, {"", "path", "vhost"}))
    return bad("OFFLOADER_S3_URL_STYLE must be path or vhost");
  if (s3.key_id.empty() != s3.secret.empty())
    return bad("OFFLOADER_S3_KEY_ID and OFFLOADER_S3_SECRET must be set together");
  if (!s3.endpoint.empty() && base_of_endpoint(s3.endpoint, true).empty()) {
    return bad("OFFLOADER_S3_ENDPOINT must be a host, host:port or URL without a path");
  }
  if (!one_of(options.gcs.auth, {"", "bearer", "none", "anonymous", "public"})) {
    return bad("OFFLOADER_GCS_AUTH must be bearer, none, anonymous or public");
  }
  if (!options.gcs.endpoint.empty() && base_of_endpoint(options.gcs.endpoint, true).empty()) {
    return bad("OFFLOADER_GCS_ENDPOINT must be a host, host:port or URL without a path");
  }
  return {};
}

}  // namespace offloader::object_store
