#pragma once

#include <string>

#include "column_docs.h"

namespace offloader::admin {

// Returns `/docs` as one self-contained HTML page, made from the value of docs_json(). It loads nothing from
// elsewhere, is readable without the script, follows the light or dark setting of the system, and works by
// keyboard. `nonce` is the one in the Content-Security-Policy, which blocks every other style and script.
[[nodiscard]] std::string docs_page(const Json& docs, const std::string& nonce);

}  // namespace offloader::admin
