#include <fmt/format.h>

#include <istream>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "api_token.h"
#include "command.h"
#include "json_output.h"
#include "keys_commands.h"
#include "keys_file.h"
#include "offloader/base/clock.h"
#include "offloader/catalog/key_time.h"

namespace offloader::cli {
namespace {

struct KeyFlags {
  catalog::KeysText::Entry entry{.id = "my_key"};
  std::string tenant;
  std::string config;
  bool add = false;
  std::string add_to;  // empty: the keys file of the project
  bool json = false;
};

nlohmann::ordered_json json_of(const catalog::KeysText::Entry& entry, const std::string& token) {
  nlohmann::ordered_json out{{"token", token},
                             {"id", entry.id},
                             {"hash", entry.hash},
                             {"tenant", nullptr},
                             {"endpoints", entry.endpoints},
                             {"status", "active"}};
  if (entry.tenant) out["tenant"] = *entry.tenant;
  const auto add = [&](const char* name, const auto& value) {
    if (!value.empty()) out[name] = value;
  };
  add("description", entry.description);
  add("not_before", entry.not_before);
  add("expires_at", entry.expires_at);
  add("allowed_cidrs", entry.allowed_cidrs);
  return out;
}

// Adds the entry to the keys file. Returns the name of the file.
Result<std::string> add_to_file(const KeyFlags& flags, const catalog::KeysText::Entry& entry, World& world) {
  const auto file = KeysFile::open(world, {flags.config, flags.add_to}, true);
  if (!file) return fail(file.error());
  if (file->text().contains(entry.id))
    return fail(ErrorCode::conflict, file->name() + " already has a key with this id: choose another --id");
  const auto changed = file->text().with(entry);
  if (!changed) return fail(changed.error().code, file->name() + ": " + changed.error().message);
  if (auto replaced = file->replace(*changed, entry.id); !replaced) return fail(replaced.error());
  return file->name();
}

int create_key(const KeyFlags& flags, World& world) {
  const auto expires = catalog::parse_key_time(flags.entry.expires_at);
  if (expires && *expires <= real_clock().now()) {
    world.err << "--expires-at is in the past, so the token would never be accepted: give a later time\n";
    return kUsage;
  }
  const std::string token = new_api_token();
  catalog::KeysText::Entry entry = flags.entry;
  entry.hash = api_token_hash(token);
  if (!flags.tenant.empty()) entry.tenant = flags.tenant;
  std::string added_to;
  if (flags.add) {
    if (entry.endpoints.empty()) {
      world.err << "--add needs --endpoints: name those that the key may call, or pass '*'\n";
      return kUsage;
    }
    auto name = add_to_file(flags, entry, world);
    if (!name) return tell_failure(name.error(), world);
    added_to = std::move(*name);
  }
  if (flags.json) {
    auto out = json_of(entry, token);
    if (!added_to.empty()) out["file"] = added_to;
    world.out << json_line(out);
    return kSuccess;
  }
  world.err << "The token. Save it now: only its hash is stored.\n";
  if (!added_to.empty()) {
    world.out << token << "\n";
    world.err << fmt::format("Added the key {} to {}. {}\n", entry.id, added_to, kAppliedLater);
    return kSuccess;
  }
  world.out << token << "\n\n" << catalog::KeysText::yaml_of(entry, 2);
  if (entry.endpoints.empty())
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

CLI::Validator endpoint_value() {
  const CLI::Validator identifier = identifier_value();
  return {[identifier](std::string& text) { return text == "*" ? std::string() : identifier(text); }, ""};
}

}  // namespace

void add_keys(CLI::App& root, Action& action) {
  CLI::App* keys = add_command(root, "keys", "Creates API keys, changes the keys file, and hashes tokens.",
                               "offloader keys create --id acme_app --tenant acme");
  keys->require_subcommand(1);
  CLI::App* create_command = add_command(
      *keys, "create",
      "Creates a token, shown only once, and prints its entry for the keys file or adds it to it.",
      "offloader keys create --id acme_app --tenant acme --endpoints usage_daily\n"
      "offloader keys create --id acme_app --tenant acme --endpoints usage_daily --add");
  auto flags = std::make_shared<KeyFlags>();
  create_command->add_option("--id", flags->entry.id, "The key's id")
      ->type_name("ID")
      ->check(identifier_value())
      ->capture_default_str();
  create_command
      ->add_option("--tenant", flags->tenant,
                   "The key's tenant; without one, the key can call only endpoints without a tenant")
      ->type_name("TENANT");
  create_command
      ->add_option("--endpoints", flags->entry.endpoints, "The endpoints that the key may call; * for all")
      ->type_name("NAMES")
      ->check(endpoint_value())
      ->delimiter(',');
  create_command->add_option("--description", flags->entry.description, "What the key is for")
      ->type_name("TEXT");
  create_command->add_option("--not-before", flags->entry.not_before, "When the key becomes valid")
      ->type_name("TIME")
      ->check(time_value());
  create_command->add_option("--expires-at", flags->entry.expires_at, "When the key stops being valid")
      ->type_name("TIME")
      ->check(time_value());
  create_command
      ->add_option("--allowed-cidrs", flags->entry.allowed_cidrs,
                   "The networks that the key may be used from; any without")
      ->type_name("NETWORKS")
      ->check(network_value())
      ->delimiter(',');
  create_command
      ->add_option("--add", flags->add_to, "Add the entry to this keys file; default: the one of the project")
      ->type_name("FILE")
      ->expected(0, 1);
  create_command->add_option("--config", flags->config, kConfigHelp)->type_name("FILE");
  create_command->add_flag("--json", flags->json, "Print as JSON");
  create_command->callback([&action, flags, create_command] {
    flags->add = create_command->count("--add") > 0;
    action = [flags](World& world) { return create_key(*flags, world); };
  });
  add_keys_changes(*keys, action);
  CLI::App* hash_command = add_command(*keys, "hash", "Prints the hash of a token read from standard input.",
                                       "offloader keys hash < token.txt");
  hash_command->callback([&action] { action = hash_token; });
}

}  // namespace offloader::cli
