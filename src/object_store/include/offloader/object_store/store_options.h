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

// OFFLOADER_S3_* (object-stores.md). Empty means not set.
struct S3Options {
  std::string type;  // s3 or gcs; with gcs the keys are Google's HMAC keys
  std::string key_id;
  std::string secret;
  std::string session_token;
  std::string auth;  // chain; empty: the keys above, else the chain, else anonymous
  std::string region = "us-east-1";
  std::string endpoint;   // host[:port] or URL
  std::string url_style;  // vhost or path; default: path with an endpoint, else vhost
  std::optional<bool> use_ssl;
};

// OFFLOADER_GCS_*.
struct GcsOptions {
  std::string auth;  // bearer; none, anonymous or public; empty: bearer, else anonymous
  std::string token;
  std::string endpoint;                   // host[:port] or URL, for a test server
  std::string gcloud_command = "gcloud";  // looked up in PATH; empty: never run
};

struct StoreOptions {
  S3Options s3;
  GcsOptions gcs;
  std::string ca_file;      // OFFLOADER_CA_FILE; empty: the system's roots
  std::string https_proxy;  // HTTPS_PROXY
  std::string no_proxy;     // NO_PROXY
  transport::RetryOptions retry;
  transport::TransferFloor floor;
  std::chrono::milliseconds connect_timeout{5000};
  // Reads AWS_*, GOOGLE_*, HOME and similar variables for the credentials chains. Called from any thread. If
  // empty, no variable is set.
  std::function<std::optional<std::string>(const std::string&)> environment;
  const Clock* clock = &real_clock();
};

// Makes the store for all kinds of URLs. Its transport thread starts with the first remote request and ends
// with the last reference. `telemetry` must outlive it. Invalid settings fail the first use of the store they
// belong to (invalid_config); check_options finds them earlier.
[[nodiscard]] std::shared_ptr<ObjectStore> make_object_store(StoreOptions options,
                                                             telemetry::Telemetry& telemetry);

// Checks the settings themselves: unknown words, only one of a pair of keys, malformed endpoints. Errors:
// invalid_config.
[[nodiscard]] Result<void> check_options(const StoreOptions& options);

// Returns the URL without parts that may be secret: user, password, query and fragment of http URLs. For
// messages, logs and diagnostics.
[[nodiscard]] std::string redact_url(const std::string& url);

}  // namespace offloader::object_store
