#include <algorithm>

#include "offloader/base/identifier.h"
#include "offloader/base/url.h"
#include "offloader/settings/settings.h"
#include "reader.h"

namespace offloader::settings {
namespace {

constexpr std::size_t kMinSecret = 32;

// Whether two listeners cannot have the same port at these addresses. `::` includes IPv4.
bool overlap(const std::string& a, const std::string& b) {
  if (a == b || a == "::" || b == "::") return true;
  const bool same_family = (a.find(':') == std::string::npos) == (b.find(':') == std::string::npos);
  return same_family && (a == "0.0.0.0" || b == "0.0.0.0");
}

void read_network(Reader& reader, Settings& out) {
  constexpr std::int64_t kMaxPort = 65535;
  reader.number("OFFLOADER_API_PORT", out.api_port, 0, kMaxPort);
  reader.number("OFFLOADER_ADMIN_PORT", out.admin_port, 0, kMaxPort);
  for (const auto& [name, bind] :
       {std::pair("OFFLOADER_API_BIND", &out.api_bind), std::pair("OFFLOADER_ADMIN_BIND", &out.admin_bind)}) {
    const auto value = reader.text(name);
    if (!value) continue;
    if (!Cidr::parse(*value) || value->find('/') != std::string::npos) {
      reader.wrong(name, *value, "Use an IP address");
    } else {
      *bind = *value;
    }
  }
  if (out.api_port != 0 && out.api_port == out.admin_port && overlap(out.api_bind, out.admin_bind)) {
    reader.errors.push_back("OFFLOADER_API_PORT and OFFLOADER_ADMIN_PORT must differ. Both are " +
                            std::to_string(out.api_port) + ".");
  }
  reader.number("OFFLOADER_MAX_CONNECTIONS", out.max_connections, 1, 1'000'000);
  reader.number("OFFLOADER_DRAIN_SECONDS", out.drain, 0, 3600);
  if (const auto value = reader.text("OFFLOADER_TRUSTED_PROXIES")) {
    for (const std::string& part : split_list(*value)) {
      if (const auto network = Cidr::parse(part)) {
        out.trusted_proxies.push_back(*network);
      } else {
        reader.wrong("OFFLOADER_TRUSTED_PROXIES", part, "Use comma-separated networks such as 10.0.0.0/8");
      }
    }
  }
  if (const auto value = reader.text("OFFLOADER_CORS_ORIGINS")) {
    out.cors_origins = split_list(*value);
    for (const std::string& origin : out.cors_origins) {
      // Browsers send an origin in exactly this form, and origins are compared byte by byte.
      const auto url = parse_url(origin);
      const bool bare = url && url->is_web() && url->origin() == origin;
      if ((origin != "*" || out.cors_origins.size() != 1) && !bare) {
        reader.wrong("OFFLOADER_CORS_ORIGINS", origin,
                     "Use * alone, or comma-separated origins such as https://app.example.com");
      }
    }
  }
}

void read_logs(Reader& reader, Settings& out) {
  reader.word<LogLevel>("OFFLOADER_LOG_LEVEL", out.log_level,
                        {{"error", LogLevel::error},
                         {"warning", LogLevel::warning},
                         {"info", LogLevel::info},
                         {"debug", LogLevel::debug},
                         {"emerg", LogLevel::error},
                         {"emergency", LogLevel::error},
                         {"alert", LogLevel::error},
                         {"crit", LogLevel::error},
                         {"critical", LogLevel::error},
                         {"err", LogLevel::error},
                         {"warn", LogLevel::warning},
                         {"notice", LogLevel::info}});
  reader.word<LogFormat>("OFFLOADER_LOG_FORMAT", out.log_format,
                         {{"json", LogFormat::json}, {"text", LogFormat::text}});
  reader.word<AccessLog>("OFFLOADER_ACCESS_LOG", out.access_log,
                         {{"on", AccessLog::on}, {"errors", AccessLog::errors}, {"off", AccessLog::off}});
}

void read_audit(Reader& reader, Settings& out) {
  out.audit_log = reader.text("OFFLOADER_AUDIT_LOG").value_or("");
  reader.word<bool>("OFFLOADER_AUDIT_READS", out.audit_reads, {{"on", true}, {"off", false}});
  reader.word<bool>("OFFLOADER_AUDIT_REQUIRED", out.audit_required, {{"on", true}, {"off", false}});
  if (out.audit_required && out.audit_log.empty()) {
    reader.errors.push_back(
        "OFFLOADER_AUDIT_REQUIRED is on, but OFFLOADER_AUDIT_LOG is not set. Set it to the path of a file, "
        "or "
        "to - for standard output.");
  }
}

}  // namespace

Parsed parse(const Environment& environment) {
  Reader reader(environment);
  Parsed parsed;
  Settings out;
  const auto config = reader.text("OFFLOADER_CONFIG");
  if (!config) {
    reader.errors.push_back(
        "OFFLOADER_CONFIG is not set. Use the path of an offloader.yml or of its folder, or an s3:// or "
        "gs:// prefix.");
  }
  out.config = config.value_or("");
  const std::size_t errors = reader.errors.size();
  out.secret_key_base = reader.secret("OFFLOADER_SECRET_KEY_BASE");
  if (reader.errors.size() == errors && out.secret_key_base.size() < kMinSecret) {
    reader.errors.push_back(std::string("OFFLOADER_SECRET_KEY_BASE is ") +
                            (out.secret_key_base.empty() ? "not set" : "too short") +
                            ". Use at least 32 characters, such as the output of `openssl rand -hex 32`.");
  }
  out.admin_token = reader.secret("OFFLOADER_ADMIN_TOKEN");
  if (const auto folder = reader.text("OFFLOADER_CACHE_DIR")) out.cache_dir = *folder;
  read_logs(reader, out);
  read_network(reader, out);
  read_tls(reader, "OFFLOADER_API_TLS", out.api_tls);
  read_tls(reader, "OFFLOADER_ADMIN_TLS", out.admin_tls);
  read_audit(reader, out);
  constexpr std::int64_t kDay = 86400;
  reader.number("OFFLOADER_CONFIG_SYNC_INTERVAL", out.config_sync_interval, 0, kDay);
  reader.number("OFFLOADER_REFRESH_INTERVAL", out.refresh_interval, 0, 30 * kDay);
  reader.number("OFFLOADER_REFRESH_CONCURRENCY", out.refresh_concurrency, 1, 64);
  reader.number("OFFLOADER_POOL_SIZE", out.pool_size, 1, 1024);
  reader.number("OFFLOADER_POOL_WAIT_MS", out.pool_wait, 0, 60'000);
  reader.number("OFFLOADER_QUERY_TIMEOUT_MS", out.query_timeout, 1, 3'600'000);
  const std::size_t ceiling = std::max<std::size_t>(1, std::min<std::size_t>(out.pool_size - 1, 16));
  out.remote_scan_concurrency = ceiling;
  reader.number("OFFLOADER_REMOTE_SCAN_CONCURRENCY", out.remote_scan_concurrency, 1, 1024);
  if (out.remote_scan_concurrency > ceiling) {
    parsed.warnings.push_back("OFFLOADER_REMOTE_SCAN_CONCURRENCY is lowered from " +
                              std::to_string(out.remote_scan_concurrency) + " to " + std::to_string(ceiling) +
                              " to keep connections free for local tables. Raise OFFLOADER_POOL_SIZE to "
                              "allow more.");
    out.remote_scan_concurrency = ceiling;
  }
  out.duckdb_threads = std::max(1U, environment.cpus);
  reader.number("OFFLOADER_DUCKDB_THREADS", out.duckdb_threads, 1, 1024);
  out.duckdb_memory_limit = environment.memory_bytes / 10 * 6;
  reader.size("OFFLOADER_DUCKDB_MEMORY_LIMIT", out.duckdb_memory_limit, 64ULL << 20);
  out.io_threads = std::clamp<std::size_t>(environment.cpus, 1, 4);
  reader.number("OFFLOADER_IO_THREADS", out.io_threads, 1, 64);
  reader.number("OFFLOADER_CACHE_MAX_ENTRIES", out.cache_max_entries, 0, 100'000'000);
  reader.size("OFFLOADER_CACHE_MAX_BYTES", out.cache_max_bytes, 0);
  out.response_memory = environment.memory_bytes / 8;
  reader.size("OFFLOADER_RESPONSE_MEMORY", out.response_memory, 1ULL << 20);
  reader.number("OFFLOADER_BATCH_MAX", out.batch_max, 1, 1000);
  reader.number("OFFLOADER_JWKS_MAX_STALE_SECONDS", out.jwks_max_stale, 1, 30 * kDay);
  reader.word<bool>("OFFLOADER_INDEX", out.index, {{"on", true}, {"off", false}});
  reader.word<Readiness>("OFFLOADER_READINESS", out.readiness,
                         {{"all", Readiness::all}, {"any", Readiness::any}});
  if (const auto value = reader.text("OFFLOADER_DEFAULT_RATE")) {
    out.default_rate = parse_rate(*value);
    if (!out.default_rate)
      reader.wrong("OFFLOADER_DEFAULT_RATE", *value, "Use a rate such as 100/s, 600/m or 1000/h");
  }
  reader.number("OFFLOADER_REPLICAS", out.replicas, 1, 10'000);
  reader.number("OFFLOADER_USAGE_DAYS", out.usage_days, 0, 3650);
  read_stores(reader, out.stores);

  std::vector<std::string> known;
  for (const Variable& variable : reference()) {
    if (!variable.name.starts_with("OFFLOADER_")) continue;
    known.push_back(variable.name);
    if (variable.secret) known.push_back(variable.name + "_FILE");
  }
  for (const std::string& name : environment.names) {
    if (!name.starts_with("OFFLOADER_")) continue;
    if (std::ranges::find(known, name) != known.end()) {
      if (environment.get(name) == "")
        parsed.warnings.push_back(name + " is empty, which counts as not set.");
      continue;
    }
    const auto near = nearest_match(name, known);
    parsed.warnings.push_back("Unknown setting " + name + "." + (near ? " Did you mean " + *near + "?" : ""));
  }
  parsed.errors = std::move(reader.errors);
  if (parsed.errors.empty()) parsed.settings = std::move(out);
  return parsed;
}

}  // namespace offloader::settings
