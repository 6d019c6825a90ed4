#include <istream>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "api_token.h"
#include "command.h"
#include "console.h"
#include "json_output.h"

namespace offloader::cli {
namespace {

struct KeyFlags {
  std::string id = "my_key";
  std::string tenant;
  std::vector<std::string> endpoints;
  bool json = false;
};

int create_key(const KeyFlags& flags, World& world) {
  const std::string token = new_api_token();
  if (flags.json) {
    nlohmann::ordered_json out{{"token", token},
                               {"id", flags.id},
                               {"hash", api_token_hash(token)},
                               {"tenant", nullptr},
                               {"endpoints", flags.endpoints},
                               {"status", "active"}};
    if (!flags.tenant.empty()) out["tenant"] = flags.tenant;
    world.out << json_line(out);
    return kSuccess;
  }
  std::string endpoints;
  for (const std::string& endpoint : flags.endpoints)
    endpoints += (endpoints.empty() ? "" : ", ") + json_quoted(endpoint);
  world.err << "The token. Save it now: only its hash is stored.\n";
  world.out << token << "\n\n"
            << "  - id: " << yaml_name(flags.id) << "\n"
            << "    hash: \"" << api_token_hash(token) << "\"\n"
            << "    tenant: " << (flags.tenant.empty() ? "null" : json_quoted(flags.tenant)) << "\n"
            << "    endpoints: [" << endpoints << "]\n"
            << "    status: active\n";
  if (flags.endpoints.empty())
    world.err << "\nAdd the endpoints that the key may call before you add the entry to keys.yml.\n";
  return kSuccess;
}

int hash_token(World& world) {
  std::string token;
  std::getline(world.in, token);
  while (!token.empty() && (token.back() == '\r' || token.back() == ' ')) token.pop_back();
  if (token.empty()) {
    world.err << "no token on standard input\n";
    return kUsage;
  }
  world.out << api_token_hash(token) << "\n";
  return kSuccess;
}

}  // namespace

void add_keys(CLI::App& root, Action& action) {
  CLI::App* keys = add_command(root, "keys", "Creates API keys and hashes tokens.",
                               "offloader keys create --id acme_app --tenant acme");
  keys->require_subcommand(1);
  CLI::App* create_command =
      add_command(*keys, "create", "Creates a token, shown only once, and its entry for keys.yml.",
                  "offloader keys create --id acme_app --tenant acme --endpoints usage_daily");
  auto flags = std::make_shared<KeyFlags>();
  create_command->add_option("--id", flags->id, "The key's id")
      ->type_name("ID")
      ->check(identifier_value())
      ->capture_default_str();
  create_command
      ->add_option("--tenant", flags->tenant,
                   "The key's tenant; without one, the key can call only endpoints without a tenant")
      ->type_name("TENANT");
  create_command->add_option("--endpoints", flags->endpoints, "The endpoints that the key may call")
      ->type_name("NAMES")
      ->check(identifier_value())
      ->delimiter(',');
  create_command->add_flag("--json", flags->json, "Print as JSON");
  create_command->callback(
      [&action, flags] { action = [flags](World& world) { return create_key(*flags, world); }; });
  CLI::App* hash_command = add_command(*keys, "hash", "Prints the hash of a token read from standard input.",
                                       "offloader keys hash < token.txt");
  hash_command->callback([&action] { action = hash_token; });
}

}  // namespace offloader::cli
