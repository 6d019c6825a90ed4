#pragma once

#include <memory>
#include <string>

#include "offloader/catalog/catalog.h"

namespace offloader::admin {

// What GET /openapi.json would answer for this project, without a server.
[[nodiscard]] std::string openapi_text(const std::shared_ptr<const catalog::Catalog>& catalog);

}  // namespace offloader::admin
