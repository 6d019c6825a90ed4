#include "offloader/catalog/catalog.h"

#include <algorithm>

#include "offloader/base/url.h"

namespace offloader::catalog {

std::optional<std::size_t> Dataset::find_column(std::string_view name) const {
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (schema[i].name == name) return i;
  }
  return std::nullopt;
}

std::optional<std::string> Dataset::manifest_path() const {
  const auto* manifest = std::get_if<StaticManifest>(&origin);
  if (manifest == nullptr || looks_like_url(manifest->location)) return std::nullopt;
  return manifest->location;
}

bool Catalog::has_daily_limits() const {
  const auto daily = [](const SharedLimits& limits) {
    return limits.get() != nullptr && limits.get()->daily();
  };
  for (const KeyView key : keys) {
    if (key.limits != nullptr && daily(*key.limits)) return true;
  }
  return std::any_of(issuers.begin(), issuers.end(),
                     [&](const Issuer& issuer) { return daily(issuer.limits); });
}

std::string_view name_of(ServingMode mode) {
  switch (mode) {
    case ServingMode::local_table:
      return "local_table";
    case ServingMode::remote_scan:
      return "remote_scan";
  }
  return "";
}

std::string_view name_of(CachePolicy policy) {
  switch (policy) {
    case CachePolicy::none:
      return "none";
    case CachePolicy::snapshot:
      return "snapshot";
  }
  return "";
}

SizedType result_type(const Select& select, const Dataset& dataset) {
  if (select.expression) return select.expression->type;
  if (select.measure.rows) return ColumnType::bigint;
  const SizedType column = dataset.schema[select.column].type;
  if (select.bucket) return type_of(*select.bucket, column);
  return select.aggregate ? row_of(*select.aggregate).result(column) : column;
}

}  // namespace offloader::catalog
