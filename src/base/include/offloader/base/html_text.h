#pragma once

#include <string>
#include <string_view>

namespace offloader {

// Escapes `text` for HTML, SVG and XML content and for quoted attribute values. Pure.
[[nodiscard]] std::string escape_html(std::string_view text);

}  // namespace offloader
