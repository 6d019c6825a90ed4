#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "offloader/base/ascii.h"
#include "offloader/catalog/format.h"

// Content negotiation by the header fields of a request (RFC 9110, 12). Pure.
namespace offloader::api {

// Returns the q of the parameters of a member in thousandths; 1000 if they have none. A malformed q counts as
// 0, which is not acceptable.
[[nodiscard]] int quality_of(std::string_view params);

// Calls `visit(name, params)` for each member of a header's list. `params` follow the first semicolon.
template <typename Visit>
void for_each_member(std::string_view header, Visit visit) {
  while (!header.empty()) {
    const auto comma = header.find(',');
    const std::string_view member = ascii::trim(header.substr(0, comma), ascii::is_blank);
    header = comma == std::string_view::npos ? std::string_view{} : header.substr(comma + 1);
    const auto semicolon = member.find(';');
    visit(ascii::trim(member.substr(0, semicolon), ascii::is_blank),
          semicolon == std::string_view::npos ? std::string_view{} : member.substr(semicolon + 1));
  }
}

// Returns the offered format with the highest q, and of equals the first; nullopt if none is acceptable.
// Without Accept every format is.
[[nodiscard]] std::optional<catalog::Format> choose_format(std::optional<std::string_view> accept,
                                                           std::span<const catalog::Format> offered);

}  // namespace offloader::api
