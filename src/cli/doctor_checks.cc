#include "doctor_checks.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "console.h"
#include "http_client.h"
#include "offloader/app/build_info.h"
#include "offloader/app/certificates.h"
#include "offloader/base/clock.h"
#include "offloader/base/descriptor.h"
#include "offloader/base/timestamp.h"
#include "offloader/catalog/key_changes.h"
#include "offloader/snapshot_cache/cache_folder.h"
#include "ports.h"

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLittleSpace = 1ULL << 30;
constexpr std::uint64_t kNoSpace = 64ULL << 20;
constexpr std::chrono::seconds kProbeTimeout{5};

std::string mebibytes(std::uint64_t bytes) {
  return fmt::format("{} MiB", bytes >> 20);
}

// Tries a shared lock, which fails while a server holds its exclusive one. Releases it at once.
bool is_locked(const fs::path& path) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return fd.valid() && ::flock(fd.get(), LOCK_SH | LOCK_NB) != 0;
}

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// Reports a project that the running server rejected, if any.
void check_config_sync(const nlohmann::json& body, Checks& out) {
  const auto sync = body.find("config_sync");
  if (sync == body.end() || !sync->is_object() || text_of(*sync, "result") != "error") return;
  std::string why = text_of(*sync, "error");
  const auto findings = sync->find("findings");
  if (findings != sync->end() && findings->is_array() && !findings->empty() &&
      findings->front().is_object()) {
    const nlohmann::json& first = findings->front();
    const auto line = first.find("line");
    const bool placed = line != first.end() && line->is_number_integer() && *line > 0;
    const std::string path = text_of(first, "path");
    why = fmt::format("{}{}: {}{}{}: {}", text_of(first, "file"), placed ? ":" + line->dump() : "",
                      text_of(first, "code"), path.empty() ? "" : " at ", path, text_of(first, "message"));
  }
  out.push_back({"running project", Health::warning, "the server rejects the changed project: " + why,
                 "correct the project; until then the server keeps serving the last valid one"});
}

// Reports a dataset that serves nothing, stale data, or data older than a snapshot that failed.
void check_dataset(const nlohmann::json& dataset, Checks& out) {
  const auto active = dataset.find("active_snapshot");
  const bool serves = active != dataset.end() && active->is_object();
  const std::string error = text_of(dataset, "refresh_error");
  const auto found = dataset.find("stale");
  const bool stale = found != dataset.end() && *found == true;
  if (serves && error.empty() && !stale) return;
  const std::string id = text_of(dataset, "dataset");
  const std::string quarantined = text_of(dataset, "quarantined_snapshot_id");
  const std::string refresh = "`offloader snapshot refresh " + id + "`";
  std::string hint = "correct the snapshot, or publish a newer one; then run " + refresh;
  if (!quarantined.empty())
    hint = fmt::format("publish a newer snapshot than {}, which is quarantined, or serve that one with {}",
                       quarantined, refresh);
  else if (serves && error.empty())
    hint = "check that the pipeline publishes new snapshots";
  const std::string state = serves ? "stale" : "no snapshot";
  out.push_back({"diagnostics", Health::warning, fmt::format("{} ({})", id, error.empty() ? state : error),
                 std::move(hint)});
}

Checks check_diagnostics(const HttpAnswer& answer) {
  if (answer.status == 401)
    return {
        {"diagnostics", Health::failed, "the server rejects the admin token", "check OFFLOADER_ADMIN_TOKEN"}};
  if (answer.status == 429)
    return {{"diagnostics", Health::failed,
             "the server rejects requests from this address after too many wrong admin tokens",
             "check OFFLOADER_ADMIN_TOKEN"}};
  if (answer.status == 403)
    return {{"diagnostics", Health::warning, "the server has no admin token",
             "set OFFLOADER_ADMIN_TOKEN for the server"}};
  const auto body = nlohmann::json::parse(answer.body, nullptr, false);
  if (answer.status != 200 || !body.is_object() || !body.contains("datasets") || !body["datasets"].is_array())
    return {{"diagnostics", Health::failed,
             fmt::format("the server answered with status {} and no diagnostics", answer.status), ""}};
  Checks out;
  for (const auto& dataset : body["datasets"]) {
    if (dataset.is_object()) check_dataset(dataset, out);
  }
  if (out.empty())
    out.push_back(
        {"diagnostics", Health::ok, fmt::format("healthy datasets: {}", body["datasets"].size()), ""});
  check_config_sync(body, out);
  return out;
}

}  // namespace

Checks check_settings(const World& world, const std::string& config,
                      std::optional<settings::Settings>& settings) {
  Checks out;
  settings::Environment environment = settings::process_environment();
  std::erase_if(environment.names, [&](const std::string& name) { return !world.environment(name); });
  environment.get = [&](const std::string& name) -> std::optional<std::string> {
    auto value = world.environment(name);
    if (!value && name == "OFFLOADER_CONFIG") return config;
    // `start` requires a secret, but this command can check everything else without one.
    if (!value && name == "OFFLOADER_SECRET_KEY_BASE") {
      if (!world.environment(name + "_FILE")) return std::string(32, 'x');
    }
    return value;
  };
  settings::Parsed parsed = settings::parse(environment);
  settings = std::move(parsed.settings);
  for (const std::string& line : parsed.errors) out.push_back({"settings", Health::failed, line, ""});
  for (const std::string& line : parsed.warnings) out.push_back({"settings", Health::warning, line, ""});
  const auto is_set = [&](const std::string& name) {
    const auto file = world.environment(name + "_FILE");
    // If the file is invalid, one of the errors above says so.
    return (file && !file->empty()) || !secret_of(world, "", name).empty();
  };
  if (!is_set("OFFLOADER_SECRET_KEY_BASE")) {
    out.push_back({"settings", Health::warning,
                   "OFFLOADER_SECRET_KEY_BASE is not set: `offloader start` needs it",
                   "create one with: openssl rand -hex 32"});
  }
  if (!is_set("OFFLOADER_ADMIN_TOKEN")) {
    out.push_back({"settings", Health::warning,
                   "OFFLOADER_ADMIN_TOKEN is not set: diagnostics, refresh, rollback, reload and bundles are "
                   "unavailable",
                   ""});
  }
  if (out.empty()) out.push_back({"settings", Health::ok, "every variable is valid", ""});
  return out;
}

Checks check_config(const catalog::LoadedProject& project) {
  Checks out;
  catalog::Findings findings = project.findings;
  if (project.catalog) {
    for (catalog::Finding& finding :
         catalog::expiry_warnings(project.catalog->keys, project.texts->keys_file, real_clock().now()))
      findings.push_back(std::move(finding));
    findings = catalog::bounded(std::move(findings));
  }
  for (const catalog::Finding& finding : findings) {
    const std::string place =
        finding.line > 0 ? fmt::format("{}:{}", finding.file, finding.line) : finding.file;
    out.push_back({"config", finding.severity == catalog::Severity::error ? Health::failed : Health::warning,
                   fmt::format("{}: {}{}{}: {}", place, finding.code, finding.path.empty() ? "" : " at ",
                               finding.path, finding.message),
                   finding.hint});
  }
  if (project.catalog) {
    out.push_back({"config", Health::ok,
                   counted(project.catalog->datasets.size(), "dataset") + ", " +
                       counted(project.catalog->endpoints.size(), "endpoint") + ", " +
                       counted(project.catalog->keys.size(), "key"),
                   ""});
  }
  return out;
}

Checks check_cache_folder(const settings::Settings& settings, bool running) {
  Checks out;
  std::error_code error;
  const fs::path& folder = settings.cache_dir;
  // If the folder does not exist yet, check whether it can be created in the nearest existing parent.
  fs::path there = folder.empty() ? fs::path(".") : fs::absolute(folder, error);
  while (!fs::exists(there, error) && there.has_relative_path()) there = there.parent_path();
  const bool exists = fs::exists(folder, error);
  if (exists && !fs::is_directory(folder, error)) {
    out.push_back({"cache rights", Health::failed, folder.string() + " is not a folder",
                   "set OFFLOADER_CACHE_DIR to a folder"});
    return out;
  }
  if (const std::string refusal = snapshot_cache::CacheFolder::refusal(folder); exists && !refusal.empty())
    out.push_back({"cache folder", Health::failed, refusal, ""});
  if (::access(there.c_str(), R_OK | W_OK | X_OK) != 0) {
    out.push_back(
        {"cache rights", Health::failed,
         fmt::format("user {} cannot write to {}", ::geteuid(), there.string()),
         "give the server's user write permission to OFFLOADER_CACHE_DIR, or run doctor as that user"});
  } else {
    out.push_back({"cache rights", Health::ok,
                   exists ? folder.string() + " is writable" : folder.string() + " can be created", ""});
  }
  const fs::space_info space = fs::space(there, error);
  const std::string free = error ? "" : mebibytes(space.available) + " free of " + mebibytes(space.capacity);
  if (error) {
    out.push_back(
        {"cache space", Health::failed, "the free space of " + there.string() + " cannot be read", ""});
  } else if (space.available < kLittleSpace) {
    out.push_back(
        {"cache space", space.available < kNoSpace ? Health::failed : Health::warning, free,
         "each dataset needs space for three snapshots: the active, the previous and the next one"});
  } else {
    out.push_back({"cache space", Health::ok, free, ""});
  }
  if (!is_locked(folder / "LOCK")) {
    out.push_back({"cache lock", Health::ok, "no process uses the folder", ""});
  } else if (running) {
    out.push_back({"cache lock", Health::ok, "the running server uses the folder", ""});
  } else {
    out.push_back({"cache lock", Health::failed, "another process uses the folder",
                   "give each process its own OFFLOADER_CACHE_DIR"});
  }
  return out;
}

Checks check_ports(const settings::Settings& settings, bool running) {
  Checks out;
  for (const auto& [name, address, port] :
       {std::tuple{"API port", settings.api_bind, settings.api_port},
        std::tuple{"admin port", settings.admin_bind, settings.admin_port}}) {
    const std::string place = fmt::format("{}:{}", address, port);
    if (port_is_free(address, port)) {
      out.push_back({name, Health::ok, place + " is free", ""});
    } else if (running) {
      out.push_back({name, Health::ok, place + " is in use while a server runs", ""});
    } else {
      out.push_back({name, Health::failed, "cannot listen on " + place,
                     "another process uses the port, or this machine does not have the address"});
    }
  }
  return out;
}

Checks check_audit_log(const settings::Settings& settings) {
  if (settings.audit_log.empty() || settings.audit_log == "-") return {};
  std::error_code error;
  const fs::path file = settings.audit_log;
  const bool exists = fs::exists(file, error);
  if (exists && !fs::is_regular_file(file, error)) {
    return {{"audit log", Health::failed, file.string() + " is not a regular file",
             "set OFFLOADER_AUDIT_LOG to a file, or to - for standard output"}};
  }
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, error)) {
    return {{"audit log", Health::failed, folder.string() + " is not a folder",
             "create the folder of OFFLOADER_AUDIT_LOG; the server does not"}};
  }
  const bool writable =
      exists ? ::access(file.c_str(), R_OK | W_OK) == 0 : ::access(folder.c_str(), W_OK | X_OK) == 0;
  if (!writable) {
    return {{"audit log", Health::failed,
             fmt::format("user {} cannot write to {}", ::geteuid(), file.string()),
             "give the server's user write permission to OFFLOADER_AUDIT_LOG, or run doctor as that user"}};
  }
  return {{"audit log", Health::ok, file.string() + (exists ? " is writable" : " can be created"), ""}};
}

Checks check_certificates(const settings::Settings& settings) {
  const auto certificates = app::read_certificates(settings);
  if (!certificates) return {{"certificates", Health::failed, certificates.error().message, ""}};
  Checks out;
  for (const app::CertificateState& one : *certificates) {
    const bool soon = app::expires_soon(one.expires);
    out.push_back(
        {"certificates", soon ? Health::warning : Health::ok,
         fmt::format("the {} port's certificate {} {}", one.port,
                     one.expires < real_clock().now() ? "expired" : "expires", to_rfc3339(one.expires)),
         soon ? "replace the certificate and its key; a running server rereads them" : ""});
  }
  return out;
}

Checks check_server(const std::string& url, const std::string& token, bool wanted, bool& running) {
  const auto live = http_get(url + "/live", {}, kProbeTimeout);
  running = live && live->status == 200;
  if (!running) {
    const std::string why =
        live ? fmt::format("/live answered with status {}", live->status) : live.error().message;
    return {{"server", wanted ? Health::failed : Health::skipped, "no server at " + url + ": " + why, ""}};
  }
  Checks out;
  const auto status = http_get(url + "/status", {}, kProbeTimeout);
  if (status && status->status == 401) {
    out.push_back({"server", Health::warning, "the server at " + url + " requires a client certificate",
                   "this command sends none: unset OFFLOADER_ADMIN_TLS_CLIENT_CA, or use another client"});
    return out;
  }
  const auto body = status ? nlohmann::json::parse(status->body, nullptr, false) : nlohmann::json();
  const std::string version = body.is_object() ? body.value("version", "?") : "?";
  const bool ready = body.is_object() && body.value("ready", false);
  const std::string mine = app::build_info().version;
  out.push_back({"server", ready ? Health::ok : Health::warning,
                 fmt::format("version {} at {} {}", version, url, ready ? "is ready" : "is not ready"),
                 ready ? "" : "see " + url + "/ready for the datasets that it is waiting for"});
  if (version != mine)
    out.push_back({"server", Health::warning, fmt::format("this command is version {}", mine), ""});
  if (token.empty()) {
    out.push_back({"diagnostics", Health::skipped, "no admin token",
                   "pass --admin-token or set OFFLOADER_ADMIN_TOKEN"});
    return out;
  }
  const auto diagnostics = http_get(url + "/diagnostics", {"Authorization: Bearer " + token}, kProbeTimeout);
  if (!diagnostics)
    out.push_back({"diagnostics", Health::failed, diagnostics.error().message, ""});
  else
    for (Check& check : check_diagnostics(*diagnostics)) out.push_back(std::move(check));
  return out;
}

}  // namespace offloader::cli
