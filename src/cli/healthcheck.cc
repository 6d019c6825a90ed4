#include <memory>
#include <ostream>
#include <string>

#include "command.h"
#include "console.h"
#include "http_client.h"

namespace offloader::cli {

void add_healthcheck(CLI::App& root, Action& action) {
  CLI::App* command = add_command(
      root, "healthcheck", "Exits with 0 if the local admin port answers /live; for container health checks.",
      "offloader healthcheck");
  auto url = std::make_shared<std::string>();
  command
      ->add_option("--admin-url", *url,
                   "The URL of the admin port; default http://127.0.0.1:$OFFLOADER_ADMIN_PORT (4001), or "
                   "https://localhost if OFFLOADER_ADMIN_TLS_CERT is set")
      ->type_name("URL")
      ->check(url_value());
  command->callback([&action, url] {
    action = [url](World& world) {
      const auto answer = http_probe(admin_url_of(world, *url) + "/live", std::chrono::seconds(3));
      if (!answer || answer->status != 200) {
        world.err << "unhealthy: "
                  << (answer ? "status " + std::to_string(answer->status)
                             : answer.error().message +
                                   "; name the URL of the server's admin port with --admin-url")
                  << "\n";
        return kFailed;
      }
      return kSuccess;
    };
  });
}

}  // namespace offloader::cli
