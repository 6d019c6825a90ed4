#pragma once

#include <memory>
#include <string>

#include "offloader/catalog/catalog.h"

namespace offloader::admin {

// Returns what GET /openapi.json answers for this project, made without a server. Any thread. Requires:
// `catalog` is not null.
[[nodiscard]] std::string openapi_text(const std::shared_ptr<const catalog::Catalog>& catalog);

}  // namespace offloader::admin
