#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace offloader::api {

// The CORS policy of `OFFLOADER_CORS_ORIGINS` (consumer-api.md, "CORS"). Immutable; thread-safe.
class Cors {
 public:
  explicit Cors(std::vector<std::string> origins);

  // Returns whether responses depend on the Origin header and so need `Vary: Origin`.
  [[nodiscard]] bool varies() const { return enabled_ && !any_; }

  // Appends the CORS headers of an ordinary response; none if the origin is not allowed.
  void append(std::string& headers, std::optional<std::string_view> origin) const;

  // Appends the CORS headers of a preflight response; none if the origin is not allowed.
  void append_preflight(std::string& headers, std::optional<std::string_view> origin) const;

 private:
  [[nodiscard]] bool allows(std::optional<std::string_view> origin) const;
  void append_origin(std::string& headers, std::string_view origin) const;

  std::vector<std::string> origins_;
  bool enabled_;
  bool any_;
};

}  // namespace offloader::api
