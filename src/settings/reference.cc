#include "offloader/settings/settings.h"

namespace offloader::settings {

const std::vector<Variable>& reference() {
  static const std::vector<Variable> variables = {
      {"OFFLOADER_CONFIG", "required",
       "path of `offloader.yml` or of its folder, or an `s3://` or `gs://` prefix"},
      {"OFFLOADER_SECRET_KEY_BASE", "required",
       "master secret of at least 32 characters; must be the same on every replica", true},
      {"OFFLOADER_ADMIN_TOKEN", "none", "token for the token-gated admin routes", true},
      {"OFFLOADER_LOG_LEVEL", "info", "`error`, `warning`, `info`, `debug`, or the name of a syslog level"},
      {"OFFLOADER_LOG_FORMAT", "json", "`json` or `text`; the default on a terminal is `text`"},
      {"OFFLOADER_CACHE_DIR", "/var/lib/offloader/cache", "folder for snapshots and fetched projects"},
      {"OFFLOADER_API_PORT", "4000", "API port; 0 picks a free one"},
      {"OFFLOADER_API_BIND", "0.0.0.0", "IP address that the API port listens on"},
      {"OFFLOADER_ADMIN_PORT", "4001", "admin port; 0 picks a free one"},
      {"OFFLOADER_ADMIN_BIND", "127.0.0.1", "IP address that the admin port listens on"},
      {"OFFLOADER_API_TLS_CERT", "none",
       "PEM file with the certificate of the API port and its intermediates; with it, the port speaks TLS "
       "only"},
      {"OFFLOADER_API_TLS_KEY", "none", "PEM file with the private key of that certificate, not encrypted"},
      {"OFFLOADER_API_TLS_CLIENT_CA", "none",
       "PEM file with certificate authorities; every route but `/healthz` then requires a client certificate "
       "of one of them"},
      {"OFFLOADER_ADMIN_TLS_CERT", "none", "as `OFFLOADER_API_TLS_CERT`, for the admin port"},
      {"OFFLOADER_ADMIN_TLS_KEY", "none", "as `OFFLOADER_API_TLS_KEY`, for the admin port"},
      {"OFFLOADER_ADMIN_TLS_CLIENT_CA", "none",
       "as `OFFLOADER_API_TLS_CLIENT_CA`, for the admin port; every route but `/live` and `/ready`"},
      {"OFFLOADER_CONFIG_SYNC_INTERVAL", "0",
       "seconds between checks of the project for changes; with 0, it is reloaded only on SIGHUP or `POST "
       "/config/reload`"},
      {"OFFLOADER_REFRESH_INTERVAL", "60",
       "seconds between reads of static manifests; with 0, they are read only at start and on request"},
      {"OFFLOADER_REFRESH_CONCURRENCY", "1",
       "maximum number of concurrent materializations; lowered if a third of "
       "`OFFLOADER_DUCKDB_MEMORY_LIMIT` is less than 64 MiB for each"},
      {"OFFLOADER_POOL_SIZE", "16", "number of DuckDB read connections"},
      {"OFFLOADER_POOL_WAIT_MS", "100",
       "milliseconds that a request waits for a read connection before it fails with 503"},
      {"OFFLOADER_REMOTE_SCAN_CONCURRENCY", "max(1, min(pool - 1, 16))",
       "maximum number of read connections that `remote_scan` queries use"},
      {"OFFLOADER_QUERY_TIMEOUT_MS", "30000", "milliseconds after which a query is interrupted"},
      {"OFFLOADER_DUCKDB_THREADS", "CPUs allowed",
       "number of DuckDB threads; a build from local files uses one fewer"},
      {"OFFLOADER_DUCKDB_MEMORY_LIMIT", "60 % of the memory allowed",
       "memory that DuckDB uses for serving and building together, for example `2GB`"},
      {"OFFLOADER_IO_THREADS", "min(CPUs allowed, 4)", "number of event loops of the API port"},
      {"OFFLOADER_CACHE_MAX_ENTRIES", "10000", "maximum number of answers in the response cache"},
      {"OFFLOADER_CACHE_MAX_BYTES", "256MB", "maximum size of the response cache"},
      {"OFFLOADER_RESPONSE_MEMORY", "an eighth of the memory allowed",
       "maximum memory for answers outside the response cache that are being built, compressed or sent; "
       "beyond it, requests fail with 503"},
      {"OFFLOADER_BATCH_MAX", "20", "maximum number of requests in a `POST /v1/batch`"},
      {"OFFLOADER_INDEX", "on", "`on` or `off`; with `off`, DuckDB answers every `local_table` query"},
      {"OFFLOADER_MAX_CONNECTIONS", "10000",
       "maximum number of connections to the API port; lowered if the limit on open files does not allow as "
       "many"},
      {"OFFLOADER_READINESS", "all",
       "when the server is ready: `all` requires a snapshot of every dataset, `any` of at least one"},
      {"OFFLOADER_ACCESS_LOG", "on", "which requests are logged: `on` (all), `errors` or `off`"},
      {"OFFLOADER_TRUSTED_PROXIES", "none",
       "comma-separated networks; their `X-Forwarded-For` or `Forwarded` header sets the client address in "
       "logs, for `allowed_cidrs` of keys and for `OFFLOADER_DEFAULT_RATE`"},
      {"OFFLOADER_DRAIN_SECONDS", "5", "seconds after SIGTERM during which new requests are still accepted"},
      {"OFFLOADER_CORS_ORIGINS", "none",
       "origins whose pages may read answers: `*` or a comma-separated list"},
      {"OFFLOADER_JWKS_MAX_STALE_SECONDS", "86400",
       "age in seconds from which the key set of an issuer that cannot be fetched is no longer used, so that "
       "its "
       "tokens are refused"},
      {"OFFLOADER_AUDIT_LOG", "none",
       "file that the audit log is appended to, or `-` for standard output; without it, only the last 1,000 "
       "records are kept"},
      {"OFFLOADER_AUDIT_READS", "off",
       "`on` or `off`; with `on`, every data request is recorded in the audit log"},
      {"OFFLOADER_AUDIT_REQUIRED", "off",
       "`on` or `off`; with `on`, whatever cannot be recorded in the audit log is refused with 503"},
      {"OFFLOADER_DEFAULT_RATE", "none",
       "requests of a caller that has no `rate` of its own, for example `100/s`, `600/m` or `1000/h`; under "
       "`auth: none` a caller is an IPv4 address or an IPv6 /64"},
      {"OFFLOADER_REPLICAS", "1",
       "number of servers that share the load; each allows its part of every limit"},
      {"OFFLOADER_USAGE_DAYS", "90", "days of the usage ledger that are kept; 0 turns the ledger off"},
      {"OFFLOADER_S3_TYPE", "none",
       "`s3` or `gcs`; with `gcs`, the keys are HMAC keys of Google Cloud Storage"},
      {"OFFLOADER_S3_AUTH", "none",
       "`chain` uses the AWS credential chain; if not set: the keys, else the chain, else anonymous access"},
      {"OFFLOADER_S3_KEY_ID", "none", "access key ID", true},
      {"OFFLOADER_S3_SECRET", "none", "secret access key", true},
      {"OFFLOADER_S3_SESSION_TOKEN", "none", "session token of the access key", true},
      {"OFFLOADER_S3_REGION", "us-east-1", "region that requests are signed for"},
      {"OFFLOADER_S3_ENDPOINT", "none", "host, host:port or URL of an S3-compatible store"},
      {"OFFLOADER_S3_URL_STYLE", "vhost", "`vhost` or `path`; the default is `path` if an endpoint is set"},
      {"OFFLOADER_S3_USE_SSL", "true", "`false` uses plain HTTP for an endpoint without a scheme"},
      {"OFFLOADER_GCS_AUTH", "none",
       "`bearer`, or `none` (also `anonymous`, `public`); if not set: the same credentials if there are any, "
       "else anonymous access"},
      {"OFFLOADER_GCS_TOKEN", "none", "OAuth access token", true},
      {"OFFLOADER_GCS_ENDPOINT", "none", "host, host:port or URL of a test server"},
      {"OFFLOADER_CA_FILE", "the system's roots",
       "PEM file with the certificate authorities to verify TLS certificates against, those of stores and "
       "issuers and, for CLI commands, that of the server"},
      {"HTTPS_PROXY", "none", "proxy for https:// requests to stores and issuers"},
      {"NO_PROXY", "none", "comma-separated hosts that are reached without the proxy; `*` means all"},
      {"OFFLOADER_KEY", "none", "API key that CLI commands send; the server does not read it", true},
  };
  return variables;
}

}  // namespace offloader::settings
