#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "offloader/settings/settings.h"

namespace offloader::settings {

// Without spaces and line ends around it.
[[nodiscard]] std::string trimmed(std::string text);
// The parts of a comma-separated list, trimmed, empty ones dropped.
[[nodiscard]] std::vector<std::string> split_list(const std::string& text);
[[nodiscard]] std::optional<std::uint64_t> parse_size(const std::string& text);

// Reads variables one by one; what is wrong with them gathers in `errors`, one line each.
class Reader {
 public:
  explicit Reader(const Environment& environment) : environment_(environment) {}

  std::optional<std::string> text(const std::string& name) {
    auto value = environment_.get(name);
    if (value && value->empty()) return std::nullopt;
    return value;
  }

  // From the variable, or from the file that {name}_FILE names.
  std::string secret(const std::string& name) {
    if (auto value = text(name)) return *value;
    const auto file = text(name + "_FILE");
    if (!file) return {};
    const auto bytes = environment_.read_file(*file);
    if (!bytes) {
      errors.push_back(
          name + "_FILE names a file that cannot be read; it takes the path of a file that holds the secret");
      return {};
    }
    return trimmed(*bytes);
  }

  // Its bytes; nothing when it cannot be read.
  std::optional<std::string> file(const std::string& path) { return environment_.read_file(path); }

  template <typename T>
  void number(const std::string& name, T& out, std::int64_t least, std::int64_t most) {
    const auto value = text(name);
    if (!value) return;
    std::int64_t parsed = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), parsed);
    if (error != std::errc{} || end != value->data() + value->size() || parsed < least || parsed > most) {
      return wrong(name, *value, "an integer from " + std::to_string(least) + " to " + std::to_string(most));
    }
    out = T(static_cast<decltype(count_of(out))>(parsed));
  }

  void size(const std::string& name, std::uint64_t& out, std::uint64_t least) {
    const auto value = text(name);
    if (!value) return;
    const auto parsed = parse_size(*value);
    if (!parsed || *parsed < least) return wrong(name, *value, "a size such as 256MB or 2GB");
    out = *parsed;
  }

  template <typename T>
  void word(const std::string& name, T& out, const std::vector<std::pair<std::string, T>>& words) {
    const auto value = text(name);
    if (!value) return;
    std::string known;
    for (const auto& [text_of, meaning] : words) {
      if (text_of == *value) {
        out = meaning;
        return;
      }
      known += (known.empty() ? "" : ", ") + text_of;
    }
    wrong(name, *value, "one of " + known);
  }

  void wrong(const std::string& name, const std::string& value, const std::string& takes) {
    errors.push_back(name + " is \"" + value + "\"; it takes " + takes);
  }

  std::vector<std::string> errors;

 private:
  static std::int64_t count_of(std::chrono::seconds) { return 0; }
  static std::int64_t count_of(std::chrono::milliseconds) { return 0; }
  template <typename T>
    requires std::is_integral_v<T>
  static T count_of(T) {
    return 0;
  }

  const Environment& environment_;
};

// OFFLOADER_S3_*, OFFLOADER_GCS_*, OFFLOADER_CA_FILE and the proxies.
void read_stores(Reader& reader, StoreSettings& out);

}  // namespace offloader::settings
