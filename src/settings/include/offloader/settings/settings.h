#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "offloader/base/cidr.h"

// The environment as one validated struct, read once at start (settings.md). Only `app` and `cli` read it;
// every other module gets a struct of options.
namespace offloader::settings {

enum class LogLevel { error, warning, info, debug };
enum class LogFormat { automatic, json, text };  // automatic: text on a terminal
enum class Readiness { all, any };
enum class AccessLog { on, errors, off };

// Where objects come from (object-stores.md). Empty text is "not set"; each value is valid by itself.
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

struct Settings {
  std::string config;
  std::string secret_key_base;
  std::string admin_token;  // empty: the token-gated routes fail closed
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::automatic;
  std::filesystem::path cache_dir = "/var/lib/offloader/cache";
  std::uint16_t api_port = 4000;
  std::string api_bind = "0.0.0.0";
  std::uint16_t admin_port = 4001;
  std::string admin_bind = "127.0.0.1";
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
  bool index = true;
  std::size_t max_connections = 10000;
  Readiness readiness = Readiness::all;
  AccessLog access_log = AccessLog::on;
  std::vector<Cidr> trusted_proxies;
  std::chrono::seconds drain{5};
  std::vector<std::string> cors_origins;
  StoreSettings stores;
};

// Where the environment and the machine's limits come from; passed in, so that tests decide.
struct Environment {
  std::function<std::optional<std::string>(const std::string&)> get;
  std::vector<std::string> names;  // all that are set, to find misspelt ones
  unsigned cpus = 1;               // allowed to this process
  std::uint64_t memory_bytes = 0;  // allowed to this process
  std::function<std::optional<std::string>(const std::string& path)> read_file;
};

// This process's own, with the limits of its control group.
[[nodiscard]] Environment process_environment();

struct Parsed {
  std::optional<Settings> settings;  // nothing when there are errors
  std::vector<std::string>
      errors;  // one line each: the variable, what it holds (unless secret), what it takes
  std::vector<std::string> warnings;  // unknown OFFLOADER_* variables, lowered values
};

[[nodiscard]] Parsed parse(const Environment& environment);

// Of the stores alone, for commands that need nothing else: what is not valid is left out, as parse() tells.
[[nodiscard]] StoreSettings parse_stores(const Environment& environment);

// One variable of the reference (docs/reference/settings.md is held to from these).
struct Variable {
  std::string name;
  std::string default_text;
  std::string meaning;
  bool secret = false;  // may come from the file that {name}_FILE names
};

[[nodiscard]] const std::vector<Variable>& reference();

}  // namespace offloader::settings
