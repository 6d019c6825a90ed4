#include "offloader/jwt/claims.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include "offloader/jwt/id_text.h"

namespace offloader::jwt {
namespace {

constexpr std::int64_t kLastSecond = 253402300799;  // of the year 9999

}  // namespace

ClaimPath split_claim_path(std::string_view text) {
  ClaimPath path;
  while (true) {
    const std::size_t dot = text.find('.');
    if (dot == 0 || text.empty()) return {};
    path.emplace_back(text.substr(0, dot));
    if (dot == std::string_view::npos) return path;
    text.remove_prefix(dot + 1);
  }
}

const nlohmann::json* Claims::find(const ClaimPath& path) const {
  const nlohmann::json* at = payload_.get();
  for (const std::string& name : path) {
    if (!at->is_object()) return nullptr;
    const auto found = at->find(name);
    if (found == at->end()) return nullptr;
    at = &*found;
  }
  return at;
}

std::optional<std::string> Claims::text(const ClaimPath& path) const {
  const nlohmann::json* const claim = find(path);
  if (claim == nullptr || !claim->is_string()) return std::nullopt;
  return claim->get<std::string>();
}

bool Claims::has(std::string_view name) const {
  return payload_->contains(name);
}

std::optional<std::int64_t> Claims::time(std::string_view name) const {
  const auto claim = payload_->find(name);
  if (claim == payload_->end() || !claim->is_number()) return std::nullopt;
  const double seconds = std::floor(claim->get<double>());
  if (!(seconds >= 0 && seconds <= static_cast<double>(kLastSecond))) return std::nullopt;
  return static_cast<std::int64_t>(seconds);
}

std::optional<Claims::Id> Claims::id(const ClaimPath& path) const {
  const nlohmann::json* const claim = find(path);
  if (claim == nullptr) return std::nullopt;
  if (claim->is_string()) {
    auto text = claim->get<std::string>();
    if (!is_id_text(text)) return std::nullopt;
    return Id{std::move(text), false};
  }
  if (!claim->is_number_integer()) return std::nullopt;
  if (claim->is_number_unsigned()) {
    const auto number = claim->get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
    return Id{std::to_string(number), true};
  }
  const auto number = claim->get<std::int64_t>();
  if (number == 0) return std::nullopt;  // written as `-0`: the parser makes every other zero unsigned
  return Id{std::to_string(number), true};
}

std::vector<std::string> Claims::words(const ClaimPath& path) const {
  const nlohmann::json* const claim = find(path);
  std::vector<std::string> out;
  if (claim == nullptr) return out;
  if (claim->is_array()) {
    for (const nlohmann::json& item : *claim) {
      if (item.is_string()) out.push_back(item.get<std::string>());
    }
  } else if (claim->is_string()) {
    const auto& text = claim->get_ref<const std::string&>();
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      if (end > at) out.push_back(text.substr(at, end - at));
      at = end + 1;
    }
  }
  return out;
}

bool Claims::names_one_of(const ClaimPath& path, const std::vector<std::string>& accepted) const {
  const nlohmann::json* const claim = find(path);
  if (claim == nullptr) return false;
  const auto is_accepted = [&](const nlohmann::json& value) {
    return value.is_string() &&
           std::find(accepted.begin(), accepted.end(), value.get_ref<const std::string&>()) != accepted.end();
  };
  if (!claim->is_array()) return is_accepted(*claim);
  return std::any_of(claim->begin(), claim->end(), is_accepted);
}

bool Claims::holds(const RequiredClaim& required) const {
  const auto claim = payload_->find(required.name);
  if (claim == payload_->end()) return false;
  if (const auto* const text = std::get_if<std::string>(&required.value))
    return claim->is_string() && claim->get_ref<const std::string&>() == *text;
  if (const auto* const flag = std::get_if<bool>(&required.value))
    return claim->is_boolean() && claim->get<bool>() == *flag;
  return claim->is_number_integer() && *claim == std::get<std::int64_t>(required.value);
}

}  // namespace offloader::jwt
