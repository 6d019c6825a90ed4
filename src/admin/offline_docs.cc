#include "offloader/admin/offline_docs.h"

#include "offloader/serving/generation.h"
#include "openapi.h"

namespace offloader::admin {

std::string openapi_text(const std::shared_ptr<const catalog::Catalog>& catalog) {
  return openapi_json(*serving::make_generation(catalog, {}, nullptr)).dump(2) + "\n";
}

}  // namespace offloader::admin
