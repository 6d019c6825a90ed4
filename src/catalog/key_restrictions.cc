#include "key_restrictions.h"

#include "offloader/base/ascii.h"
#include "offloader/base/timestamp.h"
#include "offloader/catalog/key_time.h"

namespace offloader::catalog {
namespace {

constexpr std::size_t kMaxSan = 2048;

std::optional<SystemTime> read_time(const Fields& fields, std::string_view name) {
  const auto text = fields.text(name, Need::optional);
  if (!text) return std::nullopt;
  const auto time = parse_key_time(*text);
  if (!time) {
    fields.at(name).report("invalid_value",
                           "this is not a time in ISO 8601 with an offset, in the years 0000 to 9999 of UTC",
                           "write it like 2030-12-31T00:00:00Z");
  }
  return time;
}

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_dns_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('.', at), name.size());
    const std::string_view label = name.substr(at, end - at);
    at = end + 1;
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    for (const char c : label) {
      if (!is_lower_or_digit(c) && c != '-' && c != '_') return false;
    }
  }
  return true;
}

bool is_spiffe_id(std::string_view rest) {
  const std::size_t slash = rest.find('/');
  const std::string_view domain = rest.substr(0, slash);
  if (domain.empty() || domain.size() > 255) return false;
  for (const char c : domain) {
    if (!is_lower_or_digit(c) && c != '.' && c != '-' && c != '_') return false;
  }
  if (slash == std::string_view::npos) return false;
  for (std::string_view path = rest.substr(slash); !path.empty();) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    if (segment.empty() || segment == "." || segment == "..") return false;
    for (const char c : segment) {
      if (!ascii::is_alnum(c) && c != '.' && c != '-' && c != '_') return false;
    }
    path.remove_prefix(segment.size());
  }
  return true;
}

}  // namespace

std::optional<SystemTime> parse_key_time(std::string_view text) {
  constexpr SystemTime kFirst = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
  constexpr SystemTime kEnd = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1);
  const auto time = parse_iso8601(text);
  return time && *time >= kFirst && *time < kEnd ? time : std::nullopt;
}

Lifetime read_lifetime(const Fields& fields) {
  const Lifetime lifetime{read_time(fields, "not_before"), read_time(fields, "expires_at")};
  if (lifetime.not_before && lifetime.expires_at && *lifetime.expires_at <= *lifetime.not_before) {
    fields.at("expires_at")
        .report("invalid_value", "the key expires before it becomes valid",
                "write a time after `not_before`");
  }
  return lifetime;
}

std::vector<Cidr> read_allowed_cidrs(const Fields& fields) {
  const Value written = fields.written("allowed_cidrs");
  if (written.present() && !fields.at("allowed_cidrs").present()) {
    written.report("invalid_value", "`allowed_cidrs` lists no network",
                   "write the allowed networks, or remove `allowed_cidrs` to allow every address");
    return {};
  }
  std::vector<Cidr> networks;
  for (const Value& item : fields.list("allowed_cidrs", Need::optional)) {
    const auto text = as_text(item);
    if (!text) continue;
    if (const auto network = Cidr::parse(*text)) {
      networks.push_back(*network);
    } else {
      item.report("invalid_value", "this is not an address or a network",
                  "write it like 192.0.2.0/24, 192.0.2.7 or 2001:db8::/32");
    }
  }
  return networks;
}

bool is_certificate_san(std::string_view text) {
  constexpr std::string_view kDns = "dns:";
  constexpr std::string_view kSpiffe = "spiffe://";
  if (text.size() > kMaxSan) return false;
  if (text.starts_with(kDns)) return is_dns_name(text.substr(kDns.size()));
  return text.starts_with(kSpiffe) && is_spiffe_id(text.substr(kSpiffe.size()));
}

}  // namespace offloader::catalog
