#include "offloader/app/store_options.h"

#include <utility>

namespace offloader::app {

object_store::StoreOptions store_options(
    const settings::StoreSettings& settings,
    std::function<std::optional<std::string>(const std::string&)> environment) {
  object_store::StoreOptions out;
  out.s3 = {.type = settings.s3_type,
            .key_id = settings.s3_key_id,
            .secret = settings.s3_secret,
            .session_token = settings.s3_session_token,
            .auth = settings.s3_auth,
            .region = settings.s3_region,
            .endpoint = settings.s3_endpoint,
            .url_style = settings.s3_url_style,
            .use_ssl = settings.s3_use_ssl};
  out.gcs.auth = settings.gcs_auth;
  out.gcs.token = settings.gcs_token;
  out.gcs.endpoint = settings.gcs_endpoint;
  out.ca_file = settings.ca_file;
  out.https_proxy = settings.https_proxy;
  out.no_proxy = settings.no_proxy;
  out.environment = std::move(environment);
  return out;
}

object_store::StoreOptions store_options(
    std::function<std::optional<std::string>(const std::string&)> environment) {
  settings::Environment all = settings::process_environment();
  all.get = environment;
  return store_options(settings::parse_stores(all), std::move(environment));
}

}  // namespace offloader::app
