#pragma once

#include <string>
#include <string_view>

namespace offloader {

// `text` for HTML, SVG and XML, also inside of a quoted attribute. Pure.
[[nodiscard]] std::string escape_html(std::string_view text);

}  // namespace offloader
