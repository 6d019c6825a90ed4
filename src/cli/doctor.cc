#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "command.h"
#include "console.h"
#include "doctor_checks.h"
#include "json_output.h"
#include "offloader/base/url.h"

namespace offloader::cli {
namespace {

struct DoctorFlags {
  std::string config;
  std::string admin_url;
  std::string admin_token;
  bool json = false;
};

constexpr const char* kNames[] = {"ok", "warning", "failed", "skipped"};

const char* name_of(Health health) {
  return kNames[static_cast<int>(health)];
}

void print_checks(const Checks& checks, World& world) {
  std::size_t width = 0;
  for (const Check& check : checks) width = std::max(width, check.name.size());
  for (const Check& check : checks) {
    const Colour colour = check.health == Health::ok       ? Colour::green
                          : check.health == Health::failed ? Colour::red
                                                           : Colour::yellow;
    const std::string state = fmt::format("{:<7}", name_of(check.health));
    print_coloured(world, world.out, world.out_is_terminal && check.health != Health::skipped, colour, state);
    world.out << fmt::format("  {:<{}}  {}\n", check.name, width, check.message);
    if (!check.hint.empty() && check.health != Health::ok)
      world.out << fmt::format("{:9}{:<{}}    {}\n", "", "", width, check.hint);
  }
}

int doctor(const DoctorFlags& flags, World& world) {
  const std::string config = config_of(world, flags.config);
  Checks checks;
  const auto add = [&](Checks more) { checks.insert(checks.end(), more.begin(), more.end()); };
  bool running = false;
  const Checks server = check_server(admin_url_of(world, flags.admin_url),
                                     secret_of(world, flags.admin_token, "OFFLOADER_ADMIN_TOKEN"),
                                     !flags.admin_url.empty(), running);
  std::optional<settings::Settings> settings;
  add(check_settings(world, config, settings));
  if (looks_like_url(config)) {
    add({{"config", Health::skipped, config + " is in a bucket; a running server reports its findings", ""}});
  } else {
    const catalog::LoadedProject project = catalog::load_project(config);
    add(check_config(project));
    add(check_stores(world, project));
    add(check_issuers(world, project));
  }
  if (settings) {
    add(check_cache_folder(*settings, running));
    add(check_ports(*settings, running));
    add(check_certificates(*settings));
    add(check_audit_log(*settings));
  }
  add(server);
  const bool good = std::none_of(checks.begin(), checks.end(),
                                 [](const Check& check) { return check.health == Health::failed; });
  if (flags.json) {
    nlohmann::ordered_json out = {{"ok", good}, {"checks", nlohmann::ordered_json::array()}};
    for (const Check& check : checks) {
      out["checks"].push_back({{"name", check.name},
                               {"status", name_of(check.health)},
                               {"message", check.message},
                               {"hint", check.hint}});
    }
    world.out << json_line(out);
  } else {
    print_checks(checks, world);
  }
  return good ? kSuccess : kFailed;
}

}  // namespace

void add_doctor(CLI::App& root, Action& action) {
  CLI::App* command = add_command(
      root, "doctor",
      "Checks settings, project, stores, issuers, cache folder, ports and a running server, and says how "
      "to fix problems.",
      "offloader doctor --config offloader.yml\n"
      "OFFLOADER_ADMIN_TOKEN=... offloader doctor --admin-url http://localhost:4001");
  auto flags = std::make_shared<DoctorFlags>();
  command->add_option("--config", flags->config, "The project; default $OFFLOADER_CONFIG, else offloader.yml")
      ->type_name("FILE");
  command
      ->add_option("--admin-url", flags->admin_url,
                   "The admin port of a server that must answer; default "
                   "http://127.0.0.1:$OFFLOADER_ADMIN_PORT (4001), or https://localhost if "
                   "OFFLOADER_ADMIN_TLS_CERT is set, if a server runs there")
      ->type_name("URL")
      ->check(url_value());
  command
      ->add_option("--admin-token", flags->admin_token,
                   "The admin token; prefer OFFLOADER_ADMIN_TOKEN, which process lists do not show")
      ->type_name("TOKEN");
  command->add_flag("--json", flags->json, "Print the checks as JSON");
  command->callback([&action, flags] { action = [flags](World& world) { return doctor(*flags, world); }; });
}

}  // namespace offloader::cli
