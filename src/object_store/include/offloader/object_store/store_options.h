#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "offloader/base/clock.h"
#include "offloader/base/result.h"
#include "offloader/object_store/object_store.h"
#include "offloader/transport/retry.h"
#include "offloader/transport/transport.h"

namespace offloader::object_store {

// OFFLOADER_S3_* (object-stores.md). Empty text is "not set".
struct S3Options {
  std::string type;  // s3 or gcs; gcs makes the keys HMAC keys of Google Cloud Storage
  std::string key_id;
  std::string secret;
  std::string session_token;
  std::string auth;  // chain, or empty: keys, else the chain, else anonymous
  std::string region = "us-east-1";
  std::string endpoint;   // host[:port] or URL
  std::string url_style;  // vhost or path; by default path with an endpoint, vhost without
  std::optional<bool> use_ssl;
};

// OFFLOADER_GCS_*.
struct GcsOptions {
  std::string auth;  // bearer, none (anonymous, public), or empty
  std::string token;
  std::string endpoint;                   // host[:port] or URL; of a test server
  std::string gcloud_command = "gcloud";  // looked up in PATH; empty: never run
};

struct StoreOptions {
  S3Options s3;
  GcsOptions gcs;
  std::string ca_file;      // OFFLOADER_CA_FILE, beside the system's roots when empty
  std::string https_proxy;  // HTTPS_PROXY
  std::string no_proxy;     // NO_PROXY
  transport::RetryOptions retry;
  transport::TransferFloor floor;
  std::chrono::milliseconds connect_timeout{5000};
  // AWS_*, GOOGLE_*, HOME and such, for the credentials chains. Any thread. Empty: nothing is set.
  std::function<std::optional<std::string>(const std::string&)> environment;
  const Clock* clock = &real_clock();
};

// The store for every kind of URL. Starts one thread for transport, ended with the last reference.
// `telemetry` outlives it. Settings that make no sense are found at the first use of the store they are of
// (invalid_config), or by check_options.
[[nodiscard]] std::shared_ptr<ObjectStore> make_object_store(StoreOptions options,
                                                             telemetry::Telemetry& telemetry);

// What is wrong with the settings themselves: unknown words, half a pair of keys.
[[nodiscard]] Result<void> check_options(const StoreOptions& options);

// The URL without what may be secret: user, password, query and fragment of http URLs. For messages, logs and
// diagnostics.
[[nodiscard]] std::string redact_url(const std::string& url);

}  // namespace offloader::object_store
