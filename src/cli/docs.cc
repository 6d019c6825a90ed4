#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "command.h"
#include "console.h"
#include "json_output.h"
#include "offloader/admin/offline_docs.h"
#include "offloader/base/file.h"
#include "offloader/catalog/load.h"
#include "open_page.h"

namespace offloader::cli {
namespace {

struct DocsFlags {
  std::string admin_url;
  std::string openapi;
  std::string config;
  bool open = false;
  bool json = false;
};

int write_openapi(const DocsFlags& flags, World& world) {
  const catalog::LoadedProject project = catalog::load_project(local_config_of(world, flags.config));
  world.err << catalog::to_text(project.findings);
  if (!project.catalog) return kFailed;
  const std::string text = admin::openapi_text(project.catalog);
  if (flags.openapi == "-") {
    world.out << text;
    return kSuccess;
  }
  if (auto written = write_file_atomically(flags.openapi, text); !written) {
    world.err << flags.openapi << ": " << written.error().message << "\n";
    return kFailed;
  }
  world.out << flags.openapi << "\n";
  return kSuccess;
}

int docs(const DocsFlags& flags, World& world) {
  if (!flags.openapi.empty()) return write_openapi(flags, world);
  const std::string base = admin_url_of(world, flags.admin_url);
  if (flags.json) {
    world.out << json_line(
        {{"docs", base + "/docs"}, {"openapi", base + "/openapi.json"}, {"schema", base + "/schema"}});
  } else {
    world.out << "Docs     " << base << "/docs\nOpenAPI  " << base << "/openapi.json\nSchema   " << base
              << "/schema\n";
  }
  if (flags.open && !open_page(base + "/docs")) {
    world.err << "cannot open a browser\n";
    return kFailed;
  }
  return kSuccess;
}

}  // namespace

void add_docs(CLI::App& root, Action& action) {
  CLI::App* command = add_command(
      root, "docs",
      "Prints the URLs of a server's docs, or writes a project's OpenAPI document without a server.",
      "offloader docs --admin-url http://localhost:8089 --open\n"
      "offloader docs --openapi openapi.json --config offloader.yml");
  auto flags = std::make_shared<DocsFlags>();
  command
      ->add_option("--admin-url", flags->admin_url,
                   "The URL of the admin port; default http://127.0.0.1:$OFFLOADER_ADMIN_PORT (4001), or "
                   "https://localhost if OFFLOADER_ADMIN_TLS_CERT is set")
      ->type_name("URL")
      ->check(url_value());
  command->add_flag("--open", flags->open, "Open the docs in a browser");
  command
      ->add_option("--openapi", flags->openapi,
                   "Write the OpenAPI document of --config to this file; - for standard output")
      ->type_name("FILE");
  command
      ->add_option("--config", flags->config,
                   "The project for --openapi; default $OFFLOADER_CONFIG if it is a local path, else "
                   "offloader.yml")
      ->type_name("FILE");
  command->add_flag("--json", flags->json, "Print the URLs as JSON");
  command->callback([&action, flags] { action = [flags](World& world) { return docs(*flags, world); }; });
}

}  // namespace offloader::cli
