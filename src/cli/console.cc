#include "console.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "offloader/base/ascii.h"
#include "offloader/base/file.h"
#include "offloader/base/json_text.h"
#include "offloader/base/url.h"
#include "terminal_text.h"

namespace offloader::cli {
namespace {

constexpr int kBarWidth = 30;
constexpr std::string_view kClearLine = "\r\x1b[K";
constexpr std::uint64_t kMaxSecret = 64U << 10;

bool plain(const World& world) {
  // https://no-color.org: present and not empty.
  return !world.environment("NO_COLOR").value_or("").empty() ||
         world.environment("TERM").value_or("") == "dumb";
}

}  // namespace

void print_coloured(const World& world, std::ostream& to, bool terminal, Colour colour,
                    std::string_view text) {
  if (!terminal || plain(world)) {
    to << text;
    return;
  }
  const char* code = "1";
  if (colour == Colour::red) code = "31";
  if (colour == Colour::yellow) code = "33";
  if (colour == Colour::green) code = "32";
  write_unescaped(to, fmt::format("\x1b[{}m", code));
  to << text;
  write_unescaped(to, "\x1b[0m");
}

void show_progress(const World& world, std::string_view label, double share) {
  if (!world.err_is_terminal || plain(world)) return;
  const int full = static_cast<int>(std::clamp(share, 0.0, 1.0) * kBarWidth);
  write_unescaped(world.err, kClearLine);
  world.err << fmt::format("{} [{:#<{}}{:.<{}}] {:3.0f} %", label, "", full, "", kBarWidth - full,
                           share * 100)
            << std::flush;
}

void show_status(const World& world, std::string_view text) {
  if (!world.err_is_terminal || plain(world)) return;
  write_unescaped(world.err, kClearLine);
  world.err << text << std::flush;
}

void end_progress(const World& world) {
  if (world.err_is_terminal && !plain(world)) {
    write_unescaped(world.err, kClearLine);
    world.err << std::flush;
  }
}

Result<std::string> read_secret(const World& world, const std::string& flag, const std::string& name) {
  if (!flag.empty()) return flag;
  if (const auto value = world.environment(name); value && !value->empty()) return *value;
  const auto file = world.environment(name + "_FILE");
  if (!file || file->empty()) return "";
  auto text = read_file(*file, kMaxSecret);
  if (!text) return fail(text.error().code, name + "_FILE: " + *file + ": " + text.error().message);
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  return text;
}

std::string secret_of(const World& world, const std::string& flag, const std::string& name) {
  return read_secret(world, flag, name).value_or("");
}

std::string json_quoted(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

std::string yaml_name(std::string_view name) {
  const std::string lower = ascii::to_lower(name);
  for (const char* word : {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}) {
    if (lower == word) return json_quoted(name);
  }
  const bool letter = !lower.empty() && (ascii::is_lower(lower[0]) || lower[0] == '_');
  return letter ? std::string(name) : json_quoted(name);
}

std::string admin_url_of(const World& world, const std::string& flag) {
  if (flag.empty()) {
    // A certificate for this machine alone names localhost rather than its address.
    const bool tls = !world.environment("OFFLOADER_ADMIN_TLS_CERT").value_or("").empty();
    return (tls ? "https://localhost:" : "http://127.0.0.1:") +
           world.environment("OFFLOADER_ADMIN_PORT").value_or("4001");
  }
  std::string url = flag;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string config_of(const World& world, const std::string& flag) {
  if (!flag.empty()) return flag;
  const std::string set = world.environment("OFFLOADER_CONFIG").value_or("");
  return set.empty() ? "offloader.yml" : set;
}

std::string local_config_of(const World& world, const std::string& flag) {
  const std::string config = config_of(world, flag);
  return flag.empty() && looks_like_url(config) ? "offloader.yml" : config;
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string shell_quoted(const std::string& text) {
  constexpr std::string_view kPlain = "_-./:=,@%+";
  const bool safe = !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return ascii::is_alnum(c) || kPlain.find(c) != kPlain.npos;
  });
  if (safe) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace offloader::cli
