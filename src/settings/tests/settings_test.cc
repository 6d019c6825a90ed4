#include "offloader/settings/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace offloader::settings {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Environment environment_of(std::map<std::string, std::string> values) {
  Environment out;
  for (const auto& [name, value] : values) out.names.push_back(name);
  out.get = [values](const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
  out.cpus = 8;
  out.memory_bytes = 10ULL << 30;
  out.read_file = [](const std::string& path) -> Result<std::string> {
    if (path == "/run/secret") return "0123456789abcdef0123456789abcdef\n";
    if (path == "/run/empty") return " \n";
    if (path == "/run/pem") return "-----BEGIN CERTIFICATE-----\n";
    if (path == "/run/large") return fail(ErrorCode::too_large, "file is larger than 1048576 bytes");
    return fail(ErrorCode::not_found, "file not found");
  };
  return out;
}

std::map<std::string, std::string> sound(std::map<std::string, std::string> more = {}) {
  more.emplace("OFFLOADER_CONFIG", "p");
  more.emplace("OFFLOADER_SECRET_KEY_BASE", std::string(32, 's'));
  return more;
}

TEST(Settings, Parse_OnlyRequiredVariables_UsesDocumentedDefaults) {
  const auto settings = *parse(environment_of(sound())).settings;
  EXPECT_EQ(settings.api_port, 4000);
  EXPECT_EQ(settings.admin_bind, "127.0.0.1");
  EXPECT_EQ(settings.pool_size, 16U);
  EXPECT_EQ(settings.remote_scan_concurrency, 15U);
  EXPECT_EQ(settings.io_threads, 4U);
  EXPECT_EQ(settings.duckdb_threads, 8U);
  EXPECT_EQ(settings.duckdb_memory_limit, (10ULL << 30) / 10 * 6);
  EXPECT_EQ(settings.cache_max_bytes, 256ULL << 20);
  EXPECT_EQ(settings.response_memory, (10ULL << 30) / 8);
}

TEST(Settings, LimitsAndUsage_HaveDefaults_AndAreChecked) {
  const auto defaults = *parse(environment_of(sound())).settings;
  EXPECT_EQ(defaults.default_rate, std::nullopt);
  EXPECT_EQ(defaults.replicas, 1U);
  EXPECT_EQ(defaults.usage_days, 90);
  const auto set = *parse(environment_of(sound({{"OFFLOADER_DEFAULT_RATE", "600/m"},
                                                {"OFFLOADER_REPLICAS", "3"},
                                                {"OFFLOADER_USAGE_DAYS", "0"}})))
                        .settings;
  EXPECT_EQ(set.default_rate, (Rate{600, 60}));
  EXPECT_EQ(set.replicas, 3U);
  EXPECT_EQ(set.usage_days, 0);
  for (const auto& [name, value] :
       {std::pair("OFFLOADER_DEFAULT_RATE", "100"), std::pair("OFFLOADER_DEFAULT_RATE", "0/s"),
        std::pair("OFFLOADER_REPLICAS", "0"), std::pair("OFFLOADER_USAGE_DAYS", "-1")}) {
    const Parsed parsed = parse(environment_of(sound({{name, value}})));
    EXPECT_THAT(parsed.errors, ElementsAre(AllOf(HasSubstr(name), HasSubstr(value)))) << name;
  }
}

TEST(Settings, LogLevel_SyslogName_IsAccepted) {
  const std::map<std::string, LogLevel> levels = {
      {"error", LogLevel::error}, {"emerg", LogLevel::error},  {"emergency", LogLevel::error},
      {"alert", LogLevel::error}, {"crit", LogLevel::error},   {"critical", LogLevel::error},
      {"err", LogLevel::error},   {"warn", LogLevel::warning}, {"warning", LogLevel::warning},
      {"notice", LogLevel::info}, {"info", LogLevel::info},    {"debug", LogLevel::debug}};
  for (const auto& [name, level] : levels) {
    const Parsed parsed = parse(environment_of(sound({{"OFFLOADER_LOG_LEVEL", name}})));
    ASSERT_TRUE(parsed.settings) << name;
    EXPECT_EQ(parsed.settings->log_level, level) << name;
  }
  EXPECT_FALSE(parse(environment_of(sound({{"OFFLOADER_LOG_LEVEL", "loud"}}))).settings);
}

TEST(Settings, Parse_RequiredVariablesMissing_ReportsAllOfThem) {
  EXPECT_THAT(parse(environment_of({})).errors,
              ElementsAre(HasSubstr("OFFLOADER_CONFIG is not set"),
                          HasSubstr("OFFLOADER_SECRET_KEY_BASE is not set")));
}

TEST(Settings, Parse_InvalidValue_ReportsVariableValueAndAccepted) {
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"OFFLOADER_API_PORT", "70000"},
                                          {"OFFLOADER_POOL_SIZE", "many"},
                                          {"OFFLOADER_INDEX", "maybe"},
                                          {"OFFLOADER_CACHE_MAX_BYTES", "5 bananas"},
                                          {"OFFLOADER_ADMIN_BIND", "localhost"},
                                          {"OFFLOADER_TRUSTED_PROXIES", "10.0.0.0/99"},
                                          {"OFFLOADER_CORS_ORIGINS", "app.example.com"},
                                          {"OFFLOADER_S3_TYPE", "azure"},
                                          {"OFFLOADER_S3_AUTH", "keys"},
                                          {"OFFLOADER_S3_REGION", "us east"},
                                          {"OFFLOADER_S3_ENDPOINT", "http://host/path"},
                                          {"OFFLOADER_S3_URL_STYLE", "dns"},
                                          {"OFFLOADER_S3_USE_SSL", "maybe"},
                                          {"OFFLOADER_GCS_AUTH", "hmac"},
                                          {"OFFLOADER_GCS_ENDPOINT", "a b"},
                                          {"OFFLOADER_CA_FILE", "/nowhere.pem"}}) {
    const Parsed parsed = parse(environment_of(sound({{name, value}})));
    ASSERT_EQ(parsed.errors.size(), 1U) << name;
    EXPECT_THAT(parsed.errors[0], HasSubstr("Invalid " + name + " \"" + value + "\". Use "));
    EXPECT_FALSE(parsed.settings.has_value());
  }
}

TEST(Settings, Ports_EqualAtOverlappingAddresses_AreAnError) {
  const auto errors = [](const std::string& api_bind, const std::string& admin_bind,
                         const std::string& port) {
    return parse(environment_of(sound({{"OFFLOADER_API_PORT", port},
                                       {"OFFLOADER_API_BIND", api_bind},
                                       {"OFFLOADER_ADMIN_PORT", port},
                                       {"OFFLOADER_ADMIN_BIND", admin_bind}})))
        .errors;
  };
  for (const auto& [api, admin] :
       {std::pair("127.0.0.1", "127.0.0.1"), std::pair("0.0.0.0", "127.0.0.1"), std::pair("::", "127.0.0.1"),
        std::pair("::1", "::"), std::pair("0.0.0.0", "::")}) {
    EXPECT_THAT(errors(api, admin, "4000"),
                ElementsAre("OFFLOADER_API_PORT and OFFLOADER_ADMIN_PORT must differ. Both are 4000."))
        << api << " " << admin;
    EXPECT_THAT(errors(api, admin, "0"), ElementsAre()) << api << " " << admin;
  }
  for (const auto& [api, admin] :
       {std::pair("127.0.0.2", "127.0.0.1"), std::pair("0.0.0.0", "::1"), std::pair("::1", "127.0.0.1")}) {
    EXPECT_THAT(errors(api, admin, "4000"), ElementsAre()) << api << " " << admin;
  }
}

TEST(Settings, CorsOrigins_FormThatNoBrowserSends_IsRejected) {
  for (const char* origin :
       {"https://App.example.com", "https://app.example.com:443", "https://app.example.com/",
        "https://*.example.com", "https://app.example.com?x", "http://127.1", "null",
        "https://user@app.example.com", "s3://bucket", "https://"}) {
    const Parsed parsed = parse(environment_of(sound({{"OFFLOADER_CORS_ORIGINS", origin}})));
    EXPECT_EQ(parsed.errors.size(), 1U) << origin;
  }
  for (const char* origin : {"*", "https://app.example.com", "http://localhost:3000,https://[::1]:8443"}) {
    EXPECT_THAT(parse(environment_of(sound({{"OFFLOADER_CORS_ORIGINS", origin}}))).errors, ElementsAre())
        << origin;
  }
}

TEST(Settings, Endpoint_NeitherHostNorHostPortNorUrl_IsRejected) {
  for (const char* endpoint : {"host:99999", "host:", "::1", "a..b/c", "http://host?x", "http://host#x",
                               "s3://bucket", "0x7f.1", "http://[::1", "https:///"}) {
    const Parsed parsed = parse(environment_of(sound({{"OFFLOADER_S3_ENDPOINT", endpoint}})));
    EXPECT_EQ(parsed.errors.size(), 1U) << endpoint;
  }
  for (const char* endpoint :
       {"host", "host:9000", "HTTP://host/", "[::1]:9000", "https://10.0.0.1", "mini_o"}) {
    EXPECT_THAT(parse(environment_of(sound({{"OFFLOADER_S3_ENDPOINT", endpoint}}))).errors, ElementsAre())
        << endpoint;
  }
}

TEST(Settings, Parse_NetworkVariables_AreRead) {
  const auto settings =
      *parse(environment_of(sound({{"OFFLOADER_API_PORT", "0"},
                                   {"OFFLOADER_API_BIND", "::1"},
                                   {"OFFLOADER_ADMIN_PORT", "65535"},
                                   {"OFFLOADER_TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8 ,192.0.2.7"},
                                   {"OFFLOADER_CORS_ORIGINS", "https://a.example, http://b.example:8080"},
                                   {"OFFLOADER_MAX_CONNECTIONS", "1"},
                                   {"OFFLOADER_BATCH_MAX", "7"},
                                   {"OFFLOADER_DRAIN_SECONDS", "0"}})))
           .settings;
  EXPECT_EQ(settings.api_port, 0);
  EXPECT_EQ(settings.api_bind, "::1");
  EXPECT_EQ(settings.admin_port, 65535);
  ASSERT_EQ(settings.trusted_proxies.size(), 3U);
  EXPECT_TRUE(settings.trusted_proxies[0].contains("10.255.0.1"));
  EXPECT_TRUE(settings.trusted_proxies[1].contains("fd00::1"));
  EXPECT_FALSE(settings.trusted_proxies[2].contains("192.0.2.8"));
  EXPECT_THAT(settings.cors_origins, ElementsAre("https://a.example", "http://b.example:8080"));
  EXPECT_EQ(settings.max_connections, 1U);
  EXPECT_EQ(settings.batch_max, 7U);
  EXPECT_EQ(settings.drain, std::chrono::seconds(0));
}

TEST(Settings, CorsOrigins_WildcardWithOthers_IsRejected) {
  EXPECT_THAT(parse(environment_of(sound({{"OFFLOADER_CORS_ORIGINS", "*"}}))).settings->cors_origins,
              ElementsAre("*"));
  EXPECT_FALSE(parse(environment_of(sound({{"OFFLOADER_CORS_ORIGINS", "*,https://a.example"}}))).settings);
}

TEST(Settings, Parse_EnumeratedVariables_SelectTheirValues) {
  const auto settings = *parse(environment_of(sound({{"OFFLOADER_ACCESS_LOG", "errors"},
                                                     {"OFFLOADER_LOG_FORMAT", "text"},
                                                     {"OFFLOADER_READINESS", "any"},
                                                     {"OFFLOADER_INDEX", "off"}})))
                             .settings;
  EXPECT_EQ(settings.access_log, AccessLog::errors);
  EXPECT_EQ(settings.log_format, LogFormat::text);
  EXPECT_EQ(settings.readiness, Readiness::any);
  EXPECT_FALSE(settings.index);
  const auto defaults = *parse(environment_of(sound())).settings;
  EXPECT_EQ(defaults.access_log, AccessLog::on);
  EXPECT_EQ(defaults.log_format, LogFormat::automatic);
  EXPECT_EQ(defaults.readiness, Readiness::all);
  EXPECT_TRUE(defaults.index);
}

TEST(Settings, Audit_RequiredWithoutALog_IsRejected) {
  const Settings audited = *parse(environment_of(sound({{"OFFLOADER_AUDIT_LOG", "-"},
                                                        {"OFFLOADER_AUDIT_READS", "on"},
                                                        {"OFFLOADER_AUDIT_REQUIRED", "on"}})))
                                .settings;
  EXPECT_EQ(audited.audit_log, "-");
  EXPECT_TRUE(audited.audit_reads && audited.audit_required);
  const Parsed parsed = parse(environment_of(sound({{"OFFLOADER_AUDIT_REQUIRED", "on"}})));
  ASSERT_EQ(parsed.errors.size(), 1U);
  EXPECT_THAT(parsed.errors[0], HasSubstr("OFFLOADER_AUDIT_LOG is not set"));
  EXPECT_EQ(parse(environment_of(sound({{"OFFLOADER_AUDIT_READS", "yes"}}))).errors.size(), 1U);
}

TEST(Settings, Parse_NumberBeyondABound_IsRejected) {
  struct Bounds {
    const char* name;
    const char* least;
    const char* below;
    const char* most;
    const char* above;
  };
  for (const Bounds& bounds :
       {Bounds{"OFFLOADER_API_PORT", "0", "-1", "65535", "65536"},
        Bounds{"OFFLOADER_POOL_SIZE", "1", "0", "1024", "1025"},
        Bounds{"OFFLOADER_IO_THREADS", "1", "0", "64", "65"},
        Bounds{"OFFLOADER_QUERY_TIMEOUT_MS", "1", "0", "3600000", "3600001"},
        Bounds{"OFFLOADER_DRAIN_SECONDS", "0", "-1", "3600", "3601"},
        Bounds{"OFFLOADER_MAX_CONNECTIONS", "1", "0", "1000000", "1000001"},
        Bounds{"OFFLOADER_BATCH_MAX", "1", "0", "1000", "1001"},
        Bounds{"OFFLOADER_RESPONSE_MEMORY", "1MB", "1023KB", "64GB", "99999999999999999999"}}) {
    for (const char* good : {bounds.least, bounds.most})
      EXPECT_TRUE(parse(environment_of(sound({{bounds.name, good}}))).settings) << bounds.name << good;
    for (const char* bad : {bounds.below, bounds.above}) {
      EXPECT_THAT(parse(environment_of(sound({{bounds.name, bad}}))).errors,
                  ElementsAre(HasSubstr(bounds.name)))
          << bad;
    }
  }
}

TEST(Settings, Parse_NoCpuCount_UsesOneThreadOfEach) {
  Environment environment = environment_of(sound());
  environment.cpus = 0;
  environment.memory_bytes = 1ULL << 30;
  const auto settings = *parse(environment).settings;
  EXPECT_EQ(settings.io_threads, 1U);
  EXPECT_EQ(settings.duckdb_threads, 1U);
  EXPECT_EQ(settings.response_memory, (1ULL << 30) / 8);
}

TEST(Settings, Parse_SecretTooShort_IsNotRepeatedInTheError) {
  const Parsed parsed =
      parse(environment_of({{"OFFLOADER_CONFIG", "p"}, {"OFFLOADER_SECRET_KEY_BASE", "hunter2"}}));
  ASSERT_EQ(parsed.errors.size(), 1U);
  EXPECT_THAT(parsed.errors[0], ::testing::Not(HasSubstr("hunter2")));
}

TEST(Settings, Parse_SecretFile_IsReadAndTrimmed) {
  const Parsed parsed =
      parse(environment_of({{"OFFLOADER_CONFIG", "p"}, {"OFFLOADER_SECRET_KEY_BASE_FILE", "/run/secret"}}));
  ASSERT_TRUE(parsed.settings.has_value());
  EXPECT_EQ(parsed.settings->secret_key_base, "0123456789abcdef0123456789abcdef");
  EXPECT_TRUE(parsed.warnings.empty());
}

TEST(Settings, Parse_SecretFileEmptyOrTooLargeOrMissing_IsAnErrorThatSaysWhich) {
  for (const auto& [file, problem] : std::map<std::string, std::string>{
           {"/run/empty", "is empty"}, {"/run/large", "larger than 1 MiB"}, {"/nowhere", "cannot be read"}}) {
    for (const std::string name : {"OFFLOADER_ADMIN_TOKEN_FILE", "OFFLOADER_GCS_TOKEN_FILE"}) {
      const Parsed parsed = parse(environment_of(sound({{name, file}})));
      EXPECT_THAT(parsed.errors, ElementsAre(AllOf(HasSubstr(name), HasSubstr(problem)))) << file;
      EXPECT_FALSE(parsed.settings.has_value()) << file;
    }
  }
}

TEST(Settings, Parse_EmptyVariable_IsUnsetWithAWarning) {
  auto environment = environment_of(sound({{"OFFLOADER_POOL_SIZE", ""}, {"OFFLOADER_ADMIN_TOKEN", ""}}));
  environment.names = {"OFFLOADER_CONFIG", "OFFLOADER_POOL_SIZE", "OFFLOADER_ADMIN_TOKEN", "EMPTY_OF_OTHERS"};
  const Parsed parsed = parse(environment);
  ASSERT_TRUE(parsed.settings.has_value());
  EXPECT_EQ(parsed.settings->pool_size, Settings().pool_size);
  EXPECT_THAT(parsed.warnings, ElementsAre("OFFLOADER_POOL_SIZE is empty, which counts as not set.",
                                           "OFFLOADER_ADMIN_TOKEN is empty, which counts as not set."));
}

TEST(Settings, Parse_RequiredSecretFileInvalid_IsReportedOnce) {
  const Parsed parsed =
      parse(environment_of({{"OFFLOADER_CONFIG", "p"}, {"OFFLOADER_SECRET_KEY_BASE_FILE", "/run/empty"}}));
  EXPECT_THAT(parsed.errors, ElementsAre(HasSubstr("OFFLOADER_SECRET_KEY_BASE_FILE")));
}

TEST(Settings, Stores_SecretFiles_AreRead) {
  const Parsed parsed = parse(environment_of(sound({{"OFFLOADER_S3_KEY_ID", "AKID"},
                                                    {"OFFLOADER_S3_SECRET_FILE", "/run/secret"},
                                                    {"OFFLOADER_GCS_TOKEN_FILE", "/run/secret"},
                                                    {"OFFLOADER_S3_ENDPOINT", "http://127.0.0.1:9000/"},
                                                    {"OFFLOADER_S3_USE_SSL", "false"},
                                                    {"https_proxy", "http://proxy:3128"},
                                                    {"NO_PROXY", "localhost"}})));
  ASSERT_TRUE(parsed.settings.has_value()) << parsed.errors[0];
  const StoreSettings& stores = parsed.settings->stores;
  EXPECT_EQ(stores.s3_key_id, "AKID");
  EXPECT_EQ(stores.s3_secret, "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(stores.gcs_token, "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(stores.s3_region, "us-east-1");
  EXPECT_EQ(stores.s3_use_ssl, std::optional(false));
  EXPECT_EQ(stores.https_proxy, "http://proxy:3128");
  EXPECT_TRUE(parsed.warnings.empty());
}

TEST(Settings, Stores_InvalidSecretValues_AreNotRepeatedInErrors) {
  const Parsed parsed = parse(environment_of(sound({{"OFFLOADER_S3_SECRET", "hunter2"},
                                                    {"OFFLOADER_S3_ENDPOINT", "https://user:hunter3@host"},
                                                    {"HTTPS_PROXY", "http://user:hunter4@ proxy"}})));
  EXPECT_THAT(parsed.errors, ElementsAre(HasSubstr("OFFLOADER_S3_KEY_ID is not set"),
                                         HasSubstr("OFFLOADER_S3_ENDPOINT contains a user name or password"),
                                         HasSubstr("HTTPS_PROXY contains spaces")));
  for (const std::string& line : parsed.errors) EXPECT_THAT(line, ::testing::Not(HasSubstr("hunter")));
}

TEST(Settings, Parse_FileVariableOfANonSecret_IsUnknown) {
  const Parsed parsed = parse(environment_of(sound({{"OFFLOADER_API_PORT_FILE", "/run/secret"}})));
  ASSERT_EQ(parsed.warnings.size(), 1U);
  EXPECT_THAT(parsed.warnings[0], HasSubstr("Unknown setting OFFLOADER_API_PORT_FILE"));
}

TEST(Settings, Parse_MisspelledVariable_WarnsWithTheNearestName) {
  const Parsed parsed = parse(environment_of(sound({{"OFFLOADER_POOLSIZE", "3"}})));
  EXPECT_THAT(parsed.warnings,
              ElementsAre("Unknown setting OFFLOADER_POOLSIZE. Did you mean OFFLOADER_POOL_SIZE?"));
}

TEST(Settings, RemoteScanConcurrency_AboveThePoolShare_IsLoweredWithAWarning) {
  const Parsed parsed = parse(
      environment_of(sound({{"OFFLOADER_POOL_SIZE", "4"}, {"OFFLOADER_REMOTE_SCAN_CONCURRENCY", "9"}})));
  EXPECT_EQ(parsed.settings->remote_scan_concurrency, 3U);
  EXPECT_EQ(parsed.warnings.size(), 1U);
}

TEST(Settings, Tls_PairOfReadableFiles_IsAccepted) {
  const auto settings = *parse(environment_of(sound({{"OFFLOADER_API_TLS_CERT", "/run/pem"},
                                                     {"OFFLOADER_API_TLS_KEY", "/run/pem"},
                                                     {"OFFLOADER_API_TLS_CLIENT_CA", "/run/pem"}})))
                             .settings;
  EXPECT_TRUE(settings.api_tls.enabled());
  EXPECT_EQ(settings.api_tls.client_ca, "/run/pem");
  EXPECT_FALSE(settings.admin_tls.enabled());
}

TEST(Settings, Tls_IncompleteOrUnreadable_NamesTheVariable) {
  const auto errors = [](std::map<std::string, std::string> more) {
    return parse(environment_of(sound(std::move(more)))).errors;
  };
  EXPECT_THAT(errors({{"OFFLOADER_API_TLS_CERT", "/run/pem"}}),
              ElementsAre("OFFLOADER_API_TLS_KEY is not set, but OFFLOADER_API_TLS_CERT is. Set both or "
                          "neither."));
  EXPECT_THAT(errors({{"OFFLOADER_ADMIN_TLS_KEY", "/run/pem"}}),
              ElementsAre("OFFLOADER_ADMIN_TLS_CERT is not set, but OFFLOADER_ADMIN_TLS_KEY is. Set both or "
                          "neither."));
  EXPECT_THAT(errors({{"OFFLOADER_ADMIN_TLS_CLIENT_CA", "/run/pem"}}),
              ElementsAre("OFFLOADER_ADMIN_TLS_CLIENT_CA requires TLS. Set OFFLOADER_ADMIN_TLS_CERT and "
                          "OFFLOADER_ADMIN_TLS_KEY too."));
  EXPECT_THAT(
      errors({{"OFFLOADER_API_TLS_CERT", "/run/pem"}, {"OFFLOADER_API_TLS_KEY", "/run/absent"}}),
      ElementsAre("Invalid OFFLOADER_API_TLS_KEY \"/run/absent\". Use the path of a readable PEM file "
                  "with the private key of the certificate, of at most 1 MiB."));
  EXPECT_THAT(errors({{"OFFLOADER_API_TLS_CERT", "/run/secret"}, {"OFFLOADER_API_TLS_KEY", "/run/pem"}}),
              ElementsAre(HasSubstr("Invalid OFFLOADER_API_TLS_CERT \"/run/secret\". ")));
}

}  // namespace
}  // namespace offloader::settings
