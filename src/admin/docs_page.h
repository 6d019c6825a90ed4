#pragma once

#include <string>

#include "column_docs.h"

namespace offloader::admin {

// `/docs` in a browser: one self-contained page (no outside request, no script needed to read it) made of
// docs_json's value. Light and dark by the system's setting; everything reachable by keyboard. `nonce` is
// that of the Content-Security-Policy, which lets no other style or script in.
[[nodiscard]] std::string docs_page(const Json& docs, const std::string& nonce);

}  // namespace offloader::admin
