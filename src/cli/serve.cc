#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <ostream>
#include <set>
#include <thread>
#include <tuple>

#include "command.h"
#include "console.h"
#include "offloader/app/server.h"
#include "offloader/app/signals.h"
#include "offloader/base/crypto.h"
#include "offloader/catalog/load.h"
#include "offloader/refresh/project_source.h"
#include "open_page.h"
#include "ports.h"
#include "temporary_folder.h"

namespace offloader::cli {
namespace {

struct ServeFlags {
  std::string project = ".";
  std::string cache_dir;
  std::uint16_t api_port = 0;
  std::uint16_t admin_port = 0;
  bool open = false;
  bool api_port_given = false;
  bool admin_port_given = false;
};

constexpr std::uint16_t kFirstApiPort = 8088;
constexpr std::uint16_t kFirstAdminPort = 8089;
constexpr const char* kLoopback = "127.0.0.1";
constexpr std::chrono::milliseconds kLook{50};

// Chooses both ports: the requested ones, or else the first free ones. Returns false, after printing a
// message, if a requested port is in use.
bool choose_ports(const ServeFlags& flags, settings::Settings& settings, World& world) {
  settings.api_port = flags.api_port;
  settings.admin_port = flags.admin_port;
  for (const auto& [given, port, name] :
       {std::tuple{flags.api_port_given, &settings.api_port, "--api-port"},
        std::tuple{flags.admin_port_given, &settings.admin_port, "--admin-port"}}) {
    if (!given || port_is_free(kLoopback, *port)) continue;
    world.err << name << ": port " << *port << " is in use\n";
    return false;
  }
  if (flags.api_port_given && flags.admin_port_given && flags.api_port != 0 &&
      flags.api_port == flags.admin_port) {
    world.err << "--api-port and --admin-port must differ\n";
    return false;
  }
  if (!flags.api_port_given) {
    const auto port = first_free_port(kLoopback, kFirstApiPort,
                                      flags.admin_port_given ? flags.admin_port : kFirstAdminPort);
    if (port) settings.api_port = *port;
  }
  if (!flags.admin_port_given) {
    const auto port = first_free_port(kLoopback, kFirstAdminPort, settings.api_port);
    if (port) settings.admin_port = *port;
  }
  return true;
}

// Another process may take a port between the check and the listen. In that case, try the next free one.
Result<std::unique_ptr<app::Server>> start_server(settings::Settings settings, const ServeFlags& flags,
                                                  CancelFlag& stop, World& world) {
  for (int attempt = 0;; ++attempt) {
    auto server = app::Server::start(settings, &stop);
    const bool raced = !server && server.error().code == ErrorCode::unavailable && attempt < 3 &&
                       !(flags.api_port_given && flags.admin_port_given);
    if (!raced || !choose_ports(flags, settings, world)) return server;
  }
}

// Returns a query string that the endpoint accepts: its first combination, or else its required params.
std::string sample_query(const catalog::Endpoint& endpoint) {
  std::string out;
  const auto wanted = [&](std::size_t i) {
    if (!endpoint.combinations.empty()) {
      const auto& first = endpoint.combinations.front();
      return std::find(first.begin(), first.end(), i) != first.end();
    }
    return endpoint.params[i].required;
  };
  for (std::size_t i = 0; i < endpoint.params.size(); ++i) {
    const catalog::Param& param = endpoint.params[i];
    if (!wanted(i)) continue;
    std::string value = "text";
    if (param.type == catalog::ParamType::enumeration) value = param.enum_values.front();
    if (param.type == catalog::ParamType::integer) value = "1";
    if (param.type == catalog::ParamType::number) value = "1";
    if (param.type == catalog::ParamType::boolean) value = "true";
    if (param.type == catalog::ParamType::date) value = "2026-01-01";
    if (param.type == catalog::ParamType::timestamp) value = "2026-01-01T00:00:00Z";
    if (!param.example.empty()) value = param.example.front();
    out += (out.empty() ? "?" : "&") + param.name + "=" + value;
  }
  return out;
}

std::string local_url(bool tls, std::uint16_t port) {
  return (tls ? "https://localhost:" : "http://localhost:") + std::to_string(port);
}

void print_urls(const app::Server& server, const catalog::Catalog& project, World& world) {
  const std::string api = local_url(server.api_has_tls(), server.api_port());
  const std::string admin = local_url(server.admin_has_tls(), server.admin_port());
  world.out << "API    " << api << "/v1/endpoints/{name}\nAdmin  " << admin << "/docs\n\n";
  const bool open = project.auth == catalog::AuthMode::none;
  if (!open)
    world.out << "Set OFFLOADER_KEY to one of the project's keys (the keys of the examples are in their "
                 "README). Then:\n";
  for (const auto& [name, endpoint] : project.endpoints) {
    world.out << "  curl -sS " << (open ? "" : "-H \"Authorization: Bearer $OFFLOADER_KEY\" ") << "\"" << api
              << "/v1/endpoints/" << name << sample_query(endpoint) << "\"\n";
  }
  world.out << "\nPress Ctrl-C to stop.\n" << std::flush;
}

// Print each message in a single write, here and below: the log writes to the same stream from another
// thread.
void print_error(const Error& error, World& world) {
  world.err << fmt::format("{}\n{}{}", error.message, error.detail, error.detail.empty() ? "" : "\n");
}

// Shows the loading progress and result of each dataset, until every one serves or has failed, or the user
// stops it.
void watch_loading(app::Server& server, const CancelFlag& stop, World& world) {
  std::set<std::string> told;
  while (!stop.cancelled()) {
    const bool ready = server.ready();
    bool loading = false;
    for (const refresh::DatasetStatus& dataset : server.refresh_status().datasets) {
      if (dataset.building) {
        loading = true;
        show_progress(world, "loading " + dataset.dataset, dataset.building->progress);
      }
      if (dataset.active && told.insert(dataset.dataset).second) {
        end_progress(world);
        world.err << fmt::format("loaded {}: snapshot {}, {} rows\n", dataset.dataset,
                                 dataset.active->snapshot_id, dataset.active->rows)
                  << std::flush;
      }
      if (dataset.active || dataset.building) continue;
      if (!dataset.last_attempted) {
        loading = true;
      } else if (told.insert(dataset.dataset).second) {
        end_progress(world);
        world.err << fmt::format("{} has no snapshot: {}\n{}", dataset.dataset, dataset.refresh_error,
                                 catalog::to_text(dataset.findings))
                  << std::flush;
      }
    }
    if (ready || !loading) break;
    std::this_thread::sleep_for(kLook);
  }
  end_progress(world);
}

// Returns false for a folder without offloader.yml.
bool has_project(const std::filesystem::path& path) {
  std::error_code error;
  return !std::filesystem::is_directory(path, error) ||
         std::filesystem::exists(path / "offloader.yml", error);
}

int serve(const ServeFlags& flags, World& world) {
  // Report mistakes in a local project before starting anything. A project in a bucket is fetched and checked
  // by the server.
  if (!refresh::is_bucket_url(flags.project)) {
    if (!has_project(flags.project)) {
      std::error_code error;
      world.err
          << (flags.project == "." ? std::filesystem::current_path(error).string() : flags.project)
          << " has no offloader.yml: name the folder of a project, or create one with `offloader init`\n";
      return kFailed;
    }
    const catalog::LoadedProject project = catalog::load_project(flags.project);
    world.err << catalog::to_text(project.findings);
    if (!project.catalog) return kFailed;
  }
  const auto signals = app::Signals::watch();
  if (!signals) {
    print_error(signals.error(), world);
    return kFailed;
  }
  CancelFlag& stop = (*signals)->stop_asked();
  std::unique_ptr<TemporaryFolder> temporary;
  settings::Environment environment = settings::process_environment();
  const auto given = environment.get;
  environment.get = [given, &flags](const std::string& name) -> std::optional<std::string> {
    if (name == "OFFLOADER_CONFIG") return flags.project;
    auto value = given(name);
    if (name == "OFFLOADER_SECRET_KEY_BASE" && !value && given(name + "_FILE").value_or("").empty())
      return random_hex(32);
    return value;
  };
  settings::Parsed parsed = settings::parse(environment);
  for (const std::string& line : parsed.errors) world.err << line << "\n";
  for (const std::string& line : parsed.warnings) world.err << line << "\n";
  if (!parsed.settings) return kUsage;
  settings::Settings settings = std::move(*parsed.settings);
  settings.api_bind = settings.admin_bind = kLoopback;
  if (!choose_ports(flags, settings, world)) return kFailed;
  settings.drain = std::chrono::seconds(0);
  if (flags.cache_dir.empty()) {
    temporary = std::make_unique<TemporaryFolder>();
    settings.cache_dir = temporary->path();
  } else {
    settings.cache_dir = flags.cache_dir;
  }
  auto server = start_server(settings, flags, stop, world);
  if (!server && server.error().code == ErrorCode::cancelled) return 0;
  if (!server) {
    print_error(server.error(), world);
    return kFailed;
  }
  print_urls(**server, *(*server)->project(), world);
  if (flags.open && !open_page(local_url((*server)->admin_has_tls(), (*server)->admin_port()) + "/docs"))
    world.err << "cannot open a browser\n";
  watch_loading(**server, stop, world);
  return (*signals)->run_until_stopped(**server);
}

int start(World& world) {
  const auto signals = app::Signals::watch();
  if (!signals) {
    print_error(signals.error(), world);
    return kFailed;
  }
  const settings::Parsed parsed = settings::parse(settings::process_environment());
  for (const std::string& line : parsed.warnings) world.err << line << "\n";
  for (const std::string& line : parsed.errors) world.err << line << "\n";
  if (!parsed.settings) return kFailed;
  auto server = app::Server::start(*parsed.settings, &(*signals)->stop_asked());
  if (!server && server.error().code == ErrorCode::cancelled) return 0;
  if (!server) {
    print_error(server.error(), world);
    return kFailed;
  }
  return (*signals)->run_until_stopped(**server);
}

}  // namespace

void add_serve(CLI::App& root, Action& action) {
  CLI::App* command =
      add_command(root, "serve",
                  "Serves a project to try it out, with a random secret, free ports and a temporary cache.",
                  "offloader serve examples/customer-analytics\n"
                  "offloader serve demo --api-port 4000 --admin-port 4001 --cache-dir cache --open");
  auto flags = std::make_shared<ServeFlags>();
  command->add_option("PROJECT", flags->project, "offloader.yml, its folder, or an s3:// or gs:// prefix")
      ->type_name("")
      ->capture_default_str();
  auto* api =
      command->add_option("--api-port", flags->api_port, "The API port; default the first free one from 8088")
          ->type_name("PORT")
          ->check(whole_number_between(0, 65535));
  auto* admin = command
                    ->add_option("--admin-port", flags->admin_port,
                                 "The admin port; default the first free one from 8089")
                    ->type_name("PORT")
                    ->check(whole_number_between(0, 65535));
  command->add_option("--cache-dir", flags->cache_dir, "The folder for snapshots; default a temporary folder")
      ->type_name("DIR");
  command->add_flag("--open", flags->open, "Open the docs in a browser");
  command->callback([&action, flags, api, admin] {
    flags->api_port_given = api->count() > 0;
    flags->admin_port_given = admin->count() > 0;
    action = [flags](World& world) { return serve(*flags, world); };
  });
}

void add_start(CLI::App& root, Action& action) {
  CLI::App* command = add_command(
      root, "start", "Runs the server, configured only by environment variables.",
      "OFFLOADER_CONFIG=/etc/offloader OFFLOADER_SECRET_KEY_BASE=$(openssl rand -hex 32) offloader start");
  command->callback([&action] { action = start; });
}

}  // namespace offloader::cli
