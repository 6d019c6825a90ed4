#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "offloader/base/cidr.h"
#include "offloader/base/rate.h"
#include "offloader/base/result.h"

// Reads the environment into one validated struct, once, at startup (settings.md). Only `app` and `cli` use
// it; every other module gets a struct of options. The results are plain values that the caller owns.
// Functions may be called from any thread as long as no thread changes the environment. Invalid settings are
// collected, not thrown, so that an operator sees all of them at once.
namespace offloader::settings {

enum class LogLevel { error, warning, info, debug };
enum class LogFormat { automatic, json, text };  // automatic: text on a terminal, else JSON
enum class Readiness { all, any };
enum class AccessLog { on, errors, off };

// Access to object stores (object-stores.md). An empty string means "not set". Each value is checked on its
// own.
struct StoreSettings {
  std::string s3_type;  // s3, gcs
  std::string s3_auth;  // chain
  std::string s3_key_id;
  std::string s3_secret;
  std::string s3_session_token;
  std::string s3_region = "us-east-1";
  std::string s3_endpoint;   // host[:port] or URL
  std::string s3_url_style;  // vhost, path
  std::optional<bool> s3_use_ssl;
  std::string gcs_auth;  // bearer, none, anonymous, public
  std::string gcs_token;
  std::string gcs_endpoint;  // host[:port] or URL
  std::string ca_file;
  std::string https_proxy;  // may hold a password
  std::string no_proxy;
};

// The TLS files of a port, in PEM (identity.md). All empty: the port speaks plain HTTP. Otherwise certificate
// and key are set.
struct TlsSettings {
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::filesystem::path client_ca;  // empty: no client certificate is asked for
  [[nodiscard]] bool enabled() const { return !certificate.empty(); }
};

struct Settings {
  std::string config;
  std::string secret_key_base;
  std::string admin_token;  // if empty, the token-gated routes reject every request
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::automatic;
  std::filesystem::path cache_dir = "/var/lib/offloader/cache";
  std::uint16_t api_port = 4000;
  std::string api_bind = "0.0.0.0";
  std::uint16_t admin_port = 4001;
  std::string admin_bind = "127.0.0.1";
  TlsSettings api_tls;
  TlsSettings admin_tls;
  std::chrono::seconds config_sync_interval{0};
  std::chrono::seconds refresh_interval{60};
  std::size_t refresh_concurrency = 1;
  std::size_t pool_size = 16;
  std::chrono::milliseconds pool_wait{100};
  std::size_t remote_scan_concurrency = 15;
  std::chrono::milliseconds query_timeout{30000};
  unsigned duckdb_threads = 1;
  std::uint64_t duckdb_memory_limit = 0;  // bytes
  std::size_t io_threads = 1;
  std::size_t cache_max_entries = 10000;
  std::uint64_t cache_max_bytes = 256ULL << 20;
  std::uint64_t response_memory = 256ULL << 20;  // bytes
  std::size_t batch_max = 20;
  bool index = true;
  std::size_t max_connections = 10000;
  Readiness readiness = Readiness::all;
  AccessLog access_log = AccessLog::on;
  std::vector<Cidr> trusted_proxies;
  std::chrono::seconds drain{5};
  std::vector<std::string> cors_origins;
  std::chrono::seconds jwks_max_stale{86400};
  std::string audit_log;  // a path, or `-` for standard output; if empty, only the last lines are kept
  bool audit_reads = false;
  bool audit_required = false;
  std::optional<Rate> default_rate;
  std::size_t replicas = 1;
  int usage_days = 90;  // 0: no usage ledger
  StoreSettings stores;
};

// The environment and the limits of the machine. Passed in so that tests can choose them.
struct Environment {
  std::function<std::optional<std::string>(const std::string&)> get;
  std::vector<std::string> names;  // of all variables that are set, to find misspelled ones
  unsigned cpus = 1;               // available to this process
  std::uint64_t memory_bytes = 0;  // available to this process
  // Returns the bytes of a file. `too_large` if it has more than 1 MiB.
  std::function<Result<std::string>(const std::string& path)> read_file;
};

// The environment of this process, with the CPU and memory limits of its control group. It reads files of at
// most 1 MiB.
[[nodiscard]] Environment process_environment();

struct Parsed {
  std::optional<Settings> settings;  // nullopt if there are errors
  // One line each: the variable, its value (unless secret) and the accepted values.
  std::vector<std::string> errors;
  std::vector<std::string> warnings;  // unknown OFFLOADER_* variables, values that were lowered
};

// Reads and validates all settings. Problems are in `errors` and `warnings`.
[[nodiscard]] Parsed parse(const Environment& environment);

// Reads the store settings alone, for commands that need nothing else. Ignores invalid values, which parse()
// reports.
[[nodiscard]] StoreSettings parse_stores(const Environment& environment);

// A documented variable. A test compares docs/reference/settings.md with these.
struct Variable {
  std::string name;
  std::string default_text;
  std::string meaning;
  bool secret = false;  // may also be read from the file that {name}_FILE names
};

// All variables, in the order of the documentation.
[[nodiscard]] const std::vector<Variable>& reference();

}  // namespace offloader::settings
