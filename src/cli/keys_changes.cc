#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "api_token.h"
#include "json_output.h"
#include "keys_commands.h"
#include "keys_file.h"
#include "offloader/base/cidr.h"
#include "offloader/base/clock.h"
#include "offloader/base/timestamp.h"
#include "offloader/catalog/key_time.h"
#include "table.h"

namespace offloader::cli {
namespace {

constexpr const char* kNever = "never";

struct ChangeFlags {
  std::string id;
  KeysFileFlags file;
  std::string at;
  bool finish = false;
  bool force = false;
  bool json = false;
};

std::string state_of(const catalog::KeyView& key, SystemTime now) {
  if (!key.active) return "revoked";
  if (key.lifetime.expires_at && now >= *key.lifetime.expires_at) return "expired";
  if (key.lifetime.not_before && now < *key.lifetime.not_before) return "pending";
  return "active";
}

nlohmann::ordered_json json_of(const catalog::KeyView& key, const catalog::KeyGrants& grants,
                               SystemTime now) {
  nlohmann::ordered_json out{{"id", key.id}, {"tenant", nullptr}};
  if (key.tenant) out["tenant"] = *key.tenant;
  out["endpoints"] = grants.every_endpoint ? std::vector<std::string>{"*"} : grants.endpoints;
  out["status"] = state_of(key, now);
  out["not_before"] = nullptr;
  if (key.lifetime.not_before) out["not_before"] = to_rfc3339(*key.lifetime.not_before);
  out["expires_at"] = nullptr;
  if (key.lifetime.expires_at) out["expires_at"] = to_rfc3339(*key.lifetime.expires_at);
  out["rotating"] = key.previous_hash != nullptr;
  out["description"] = key.description;
  return out;
}

int list_keys(const ChangeFlags& flags, World& world) {
  const auto listed = read_keys_file(world, flags.file);
  if (!listed) return tell_failure(listed.error(), world);
  const SystemTime now = real_clock().now();
  const auto& grants = listed->keys.grants();
  if (catalog::has_errors(listed->findings)) {
    world.err << catalog::to_text(listed->findings);
    return kFailed;
  }
  if (flags.json) {
    auto keys = nlohmann::ordered_json::array();
    for (const catalog::KeyView key : listed->keys) keys.push_back(json_of(key, grants[key.grants], now));
    world.out << json_line({{"file", listed->name}, {"keys", std::move(keys)}});
    return kSuccess;
  }
  std::vector<std::vector<std::string>> rows{
      {"ID", "TENANT", "ENDPOINTS", "STATUS", "EXPIRES", "DESCRIPTION"}};
  for (const catalog::KeyView key : listed->keys) {
    const catalog::KeyGrants& granted = grants[key.grants];
    rows.push_back({std::string(key.id), std::string(key.tenant.value_or("-")),
                    granted.every_endpoint ? "*" : fmt::format("{}", fmt::join(granted.endpoints, ",")),
                    state_of(key, now) + (key.previous_hash != nullptr ? ", rotating" : ""),
                    key.lifetime.expires_at ? to_rfc3339(*key.lifetime.expires_at) : "-",
                    std::string(key.description)});
  }
  print_table(rows, world.out);
  return kSuccess;
}

// Replaces the file by what `edit` makes of its text. Returns the name of the file.
template <typename Edit>
Result<std::string> change(const ChangeFlags& flags, World& world, Edit edit) {
  const auto file = KeysFile::open(world, flags.file, false);
  if (!file) return fail(file.error());
  if (!file->text().contains(flags.id))
    return fail(ErrorCode::conflict, fmt::format("{} has no key {}", file->name(), flags.id));
  const Result<std::string> changed = edit(file->text(), file->name());
  if (!changed) return fail(changed.error().code, file->name() + ": " + changed.error().message);
  if (auto replaced = file->replace(*changed, flags.id); !replaced) return fail(replaced.error());
  return file->name();
}

// Refuses to give a token to a key that would not be accepted.
Result<void> usable(const ChangeFlags& flags, const catalog::KeysText& text) {
  if (text.field(flags.id, "status") == "revoked") {
    return fail(ErrorCode::conflict,
                fmt::format("{} is revoked, so a new token would not be accepted. Create another key with "
                            "`offloader keys create`, or first set its `status` to active in the file",
                            flags.id));
  }
  const auto expires = catalog::parse_key_time(text.field(flags.id, "expires_at").value_or(""));
  if (!expires || *expires > real_clock().now()) return {};
  return fail(ErrorCode::conflict,
              fmt::format("{0} expired at {1}, so a new token would not be accepted. First set another time "
                          "with `offloader keys expire {0} --at TIME`",
                          flags.id, to_rfc3339(*expires)));
}

Result<std::string> rotated(const ChangeFlags& flags, const catalog::KeysText& text, const std::string& name,
                            const std::string& token) {
  if (auto good = usable(flags, text); !good) return fail(good.error());
  const auto hash = text.field(flags.id, "hash");
  if (!hash) return fail(ErrorCode::conflict, "the key has no token, so there is nothing to rotate");
  if (text.field(flags.id, "previous_hash") && !flags.force) {
    return fail(
        ErrorCode::conflict,
        fmt::format("the previous token of {0} is still valid. End it with `offloader keys rotate {0} "
                    "--finish`, or rotate again with --force, which ends it at once",
                    flags.id));
  }
  const auto kept = text.with_field(flags.id, "previous_hash", *hash, "hash");
  if (!kept) return kept;
  const auto next = catalog::KeysText::parse(*kept, name);
  if (!next) return fail(next.error());
  return next->with_field(flags.id, "hash", api_token_hash(token), "hash");
}

int print_changed(const ChangeFlags& flags, const Result<std::string>& file, nlohmann::ordered_json out,
                  const std::string& done, World& world) {
  if (!file) return tell_failure(file.error(), world);
  if (flags.json) {
    out["file"] = *file;
    world.out << json_line(out);
  } else {
    world.err << done << " in " << *file << ". " << kAppliedLater << "\n";
  }
  return kSuccess;
}

int finish_rotation(const ChangeFlags& flags, World& world) {
  const auto file =
      change(flags, world, [&](const catalog::KeysText& text, const std::string&) -> Result<std::string> {
        if (!text.field(flags.id, "previous_hash"))
          return fail(ErrorCode::conflict, "the key has no previous token");
        return text.without_field(flags.id, "previous_hash");
      });
  return print_changed(flags, file, {{"id", flags.id}, {"rotating", false}},
                       "Removed the previous token of " + flags.id, world);
}

int rotate_key(const ChangeFlags& flags, World& world) {
  if (flags.finish) return finish_rotation(flags, world);
  const std::string token = new_api_token();
  const auto file = change(flags, world, [&](const catalog::KeysText& text, const std::string& name) {
    return rotated(flags, text, name, token);
  });
  if (file && !flags.json) {
    world.err << "The new token. Save it now: only its hash is stored.\n";
    world.out << token << "\n";
    world.err << fmt::format("The previous token stays valid until `offloader keys rotate {} --finish`.\n",
                             flags.id);
  }
  return print_changed(flags, file, {{"token", token}, {"id", flags.id}, {"rotating", true}},
                       "Rotated " + flags.id, world);
}

int revoke_key(const ChangeFlags& flags, World& world) {
  const auto file = change(flags, world, [&](const catalog::KeysText& text, const std::string&) {
    return text.with_field(flags.id, "status", "revoked", "id");
  });
  return print_changed(flags, file, {{"id", flags.id}, {"status", "revoked"}}, "Revoked " + flags.id, world);
}

int expire_key(const ChangeFlags& flags, World& world) {
  const bool never = flags.at == kNever;
  const auto file = change(flags, world, [&](const catalog::KeysText& text, const std::string&) {
    return never ? text.without_field(flags.id, "expires_at")
                 : text.with_field(flags.id, "expires_at", flags.at, "status");
  });
  nlohmann::ordered_json out{{"id", flags.id}, {"expires_at", nullptr}};
  if (!never) out["expires_at"] = flags.at;
  return print_changed(
      flags, file, std::move(out),
      never ? "Removed the expiry of " + flags.id : "Set the expiry of " + flags.id + " to " + flags.at,
      world);
}

CLI::Validator time_or_never() {
  const CLI::Validator time = time_value();
  return {[time](std::string& text) { return text == kNever ? std::string() : time(text); }, ""};
}

CLI::App* add_change(CLI::App& keys, Action& action, const std::string& name, const std::string& description,
                     const std::string& example, const std::shared_ptr<ChangeFlags>& flags,
                     int (*run)(const ChangeFlags&, World&)) {
  CLI::App* command = add_command(keys, name, description, example);
  command->add_option("ID", flags->id, "The key's id")->required()->check(identifier_value());
  command->add_option("--file", flags->file.file, "The keys file; default: the one of the project")
      ->type_name("FILE");
  command->add_option("--config", flags->file.config, kConfigHelp)->type_name("FILE");
  command->add_flag("--json", flags->json, "Print as JSON");
  command->callback(
      [&action, flags, run] { action = [flags, run](World& world) { return run(*flags, world); }; });
  return command;
}

}  // namespace

void add_keys_changes(CLI::App& keys, Action& action) {
  auto listing = std::make_shared<ChangeFlags>();
  CLI::App* list = add_command(keys, "list", "Lists the keys of a keys file: never their tokens or hashes.",
                               "offloader keys list\noffloader keys list keys/keys.yml --json");
  list->add_option("FILE", listing->file.file, "The keys file; default: the one of the project");
  list->add_option("--config", listing->file.config, kConfigHelp)->type_name("FILE");
  list->add_flag("--json", listing->json, "Print as JSON");
  list->callback(
      [&action, listing] { action = [listing](World& world) { return list_keys(*listing, world); }; });

  auto rotation = std::make_shared<ChangeFlags>();
  CLI::App* rotate = add_change(
      keys, action, "rotate",
      "Gives a key a new token, shown only once; the previous one stays valid until --finish.",
      "offloader keys rotate acme_app\noffloader keys rotate acme_app --finish", rotation, rotate_key);
  CLI::Option* finish = rotate->add_flag("--finish", rotation->finish, "Remove the previous token");
  rotate->add_flag("--force", rotation->force, "Rotate again, although the previous token is still valid")
      ->excludes(finish);

  add_change(keys, action, "revoke", "Revokes a key: its tokens are no longer accepted.",
             "offloader keys revoke acme_app", std::make_shared<ChangeFlags>(), revoke_key);

  auto expiry = std::make_shared<ChangeFlags>();
  CLI::App* expire =
      add_change(keys, action, "expire", "Sets the time at which a key stops being valid.",
                 "offloader keys expire acme_app --at 2030-12-31T00:00:00Z", expiry, expire_key);
  expire->add_option("--at", expiry->at, "The time in ISO 8601 with an offset, or `never`")
      ->type_name("TIME")
      ->required()
      ->check(time_or_never());
}

CLI::Validator time_value() {
  return {[](const std::string& text) {
            return catalog::parse_key_time(text)
                       ? std::string()
                       : "`" + text +
                             "` is not a time in ISO 8601 with an offset, like 2030-12-31T00:00:00Z, in the "
                             "years 0000 to 9999 of UTC";
          },
          ""};
}

CLI::Validator network_value() {
  return {[](const std::string& text) {
            return Cidr::parse(text) ? std::string()
                                     : "`" + text + "` is not an address or a network, like 192.0.2.0/24";
          },
          ""};
}

int tell_failure(const Error& error, World& world) {
  world.err << error.message << (error.message.ends_with('\n') ? "" : "\n");
  return kFailed;
}

}  // namespace offloader::cli
