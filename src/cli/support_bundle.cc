#include "offloader/admin/support_bundle.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "command.h"
#include "console.h"
#include "http_client.h"
#include "json_output.h"
#include "offloader/app/build_info.h"
#include "offloader/base/file.h"
#include "offloader/base/url.h"
#include "offloader/catalog/load.h"
#include "offloader/settings/settings.h"

namespace offloader::cli {
namespace {

constexpr std::chrono::seconds kBundleTimeout{30};

struct BundleFlags {
  std::string config;
  std::string admin_url;
  std::string admin_token;
  std::string out = "offloader-support-bundle.tar.gz";
  bool json = false;
};

void add_remote(admin::BundleRequest& request, const std::string& path, const std::string& url,
                const std::string& token) {
  std::vector<std::string> headers;
  if (!token.empty()) headers.push_back("Authorization: Bearer " + token);
  const auto answer = http_get(url, headers, kBundleTimeout);
  if (answer && answer->status == 200) {
    request.artifacts.push_back({path, admin::without_data_values(answer->body), url, {}});
    // The wording avoids `token:`, because the redactor would remove the text after it.
  } else if (answer && answer->status == 403) {
    request.left_out.push_back(
        {path, url + ": the server has no admin token; set OFFLOADER_ADMIN_TOKEN for the server"});
  } else if (answer && answer->status == 401) {
    request.left_out.push_back(
        {path, url + " requires the admin token; set OFFLOADER_ADMIN_TOKEN, or pass it with --admin-token"});
  } else {
    request.left_out.push_back(
        {path, url + ": " + (answer ? "status " + std::to_string(answer->status) : answer.error().message)});
  }
}

void add_local_project(admin::BundleRequest& request, const std::string& config, World& world) {
  if (looks_like_url(config)) {
    request.left_out.push_back({"config", config + " is in a bucket: pass a local copy with --config"});
    return;
  }
  const catalog::LoadedProject project = catalog::load_project(config);
  if (project.texts->files.empty()) {
    request.left_out.push_back({"config", "no project at " + config + ": pass --config"});
    return;
  }
  admin::add_project(request, *project.texts, project.catalog.get(), project.root);
  if (!project.findings.empty())
    request.artifacts.push_back(
        {"findings.txt", catalog::to_text(project.findings), "offloader validate", {}});
  if (!project.catalog) world.err << "the project is not valid; the bundle contains its findings\n";
}

// Returns the secret values in this environment. No artifact may contain them.
std::vector<std::string> known_secrets(const World& world) {
  std::vector<std::string> out;
  for (const settings::Variable& variable : settings::reference()) {
    if (!is_secret_name(variable.name)) continue;
    if (const std::string value = secret_of(world, "", variable.name); !value.empty()) out.push_back(value);
  }
  for (const char* name : {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "OFFLOADER_KEY"}) {
    if (const auto value = world.environment(name)) out.push_back(*value);
  }
  return out;
}

int bundle(const BundleFlags& flags, World& world) {
  admin::BundleRequest request;
  request.version = app::build_info().version;
  request.secrets = known_secrets(world);
  const std::string token = secret_of(world, flags.admin_token, "OFFLOADER_ADMIN_TOKEN");
  if (!token.empty()) request.secrets.push_back(token);
  add_local_project(request, config_of(world, flags.config), world);
  const std::string base = admin_url_of(world, flags.admin_url);
  add_remote(request, "diagnostics.json", base + "/diagnostics", token);
  add_remote(request, "metrics.txt", base + "/metrics", "");
  for (const admin::LeftOut& item : request.left_out)
    world.err << "left out " << item.path << ": " << redact(item.reason) << "\n";
  if (request.artifacts.empty()) {
    world.err << "nothing to bundle: pass --config, or the --admin-url of a running server\n";
    return kFailed;
  }
  const auto bytes = admin::make_support_bundle(request);
  const auto written = bytes ? write_file_atomically(flags.out, *bytes, FileMode::secret)
                             : Result<void>(tl::unexpected(bytes.error()));
  if (!written) {
    world.err << flags.out << ": " << written.error().message << "\n";
    return kFailed;
  }
  if (flags.json) {
    nlohmann::ordered_json left_out = nlohmann::ordered_json::array();
    for (const auto& entry : request.left_out) left_out.push_back(entry.path);
    world.out << json_line({{"bundle", flags.out}, {"bytes", bytes->size()}, {"left_out", left_out}});
  } else {
    world.out << flags.out << "\n";
    world.err << "Secrets are redacted on a best-effort basis. Review the files before you send them.\n";
  }
  return kSuccess;
}

}  // namespace

void add_support_bundle(CLI::App& root, Action& action) {
  CLI::App* command = add_command(
      root, "support-bundle",
      "Packs the project, diagnostics and metrics into a tar.gz, without secrets and data.",
      "OFFLOADER_ADMIN_TOKEN=... offloader support-bundle --config offloader.yml --out bundle.tar.gz");
  auto flags = std::make_shared<BundleFlags>();
  command
      ->add_option(
          "--config", flags->config,
          "The project's offloader.yml, or its folder; default $OFFLOADER_CONFIG, else offloader.yml")
      ->type_name("FILE");
  command
      ->add_option("--admin-url", flags->admin_url,
                   "The URL of the admin port; default http://127.0.0.1:$OFFLOADER_ADMIN_PORT (4001), or "
                   "https://localhost if OFFLOADER_ADMIN_TLS_CERT is set")
      ->type_name("URL")
      ->check(url_value());
  command
      ->add_option("--admin-token", flags->admin_token,
                   "The admin token; prefer OFFLOADER_ADMIN_TOKEN, which process lists do not show")
      ->type_name("TOKEN");
  command->add_option("--out", flags->out, "The file to write")->type_name("FILE")->capture_default_str();
  command->add_flag("--json", flags->json, "Print what was written as JSON");
  command->callback([&action, flags] { action = [flags](World& world) { return bundle(*flags, world); }; });
}

}  // namespace offloader::cli
