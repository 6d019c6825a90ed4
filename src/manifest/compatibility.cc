#include <fmt/format.h>

#include <algorithm>

#include "offloader/base/identifier.h"
#include "offloader/manifest/manifest.h"

namespace offloader::manifest {
namespace {

using catalog::Column;
using catalog::ColumnType;

// The place of a number's type on the way along which it may widen; nothing for what never may.
std::optional<int> width_of(ColumnType type) {
  switch (type) {
    case ColumnType::integer:
      return 0;
    case ColumnType::bigint:
      return 1;
    case ColumnType::float64:
      return 2;
    default:
      return std::nullopt;
  }
}

bool may_stand_for(ColumnType offered, ColumnType wanted) {
  if (offered == wanted) return true;
  const auto from = width_of(wanted);
  const auto to = width_of(offered);
  return from && to && *to > *from;
}

}  // namespace

catalog::Findings check_against_contract(const Manifest& manifest, const catalog::Dataset& dataset,
                                         const std::string& file) {
  catalog::Findings findings;
  const auto add = [&](std::string path, std::string code, std::string message, std::string hint) {
    findings.push_back({file, 0, std::move(path), std::move(code), std::move(message), std::move(hint),
                        catalog::Severity::error});
  };
  if (manifest.dataset_id != dataset.id) {
    add("dataset_id", "dataset_mismatch",
        fmt::format("the manifest is of dataset {}, not of {}", manifest.dataset_id, dataset.id),
        "check which manifest the dataset names");
  }
  if (manifest.data_quality == DataQuality::failed) {
    add("data_quality_status", "quality_failed", "the producer marked the data as failed",
        "publish a snapshot that passed its checks");
  }
  std::vector<std::string> offered;
  for (const Column& column : manifest.schema) offered.push_back(column.name);
  for (std::size_t i = 0; i < dataset.schema.size(); ++i) {
    const Column& wanted = dataset.schema[i];
    const auto at = std::find(offered.begin(), offered.end(), wanted.name);
    if (at == offered.end()) {
      const auto near = nearest_match(wanted.name, offered);
      add("schema", "incompatible_schema",
          fmt::format("column {} of the contract is not in the snapshot", wanted.name),
          near ? "did you mean " + *near + "?" : "publish it, or take it out of the dataset's schema");
      continue;
    }
    const auto index = static_cast<std::size_t>(at - offered.begin());
    const Column& found = manifest.schema[index];
    const bool tenant = dataset.tenant_column == i;
    const bool fits = tenant ? found.type == wanted.type : may_stand_for(found.type, wanted.type);
    if (!fits) {
      const bool narrower =
          width_of(found.type) && width_of(wanted.type) && *width_of(found.type) < *width_of(wanted.type);
      add(fmt::format("schema[{}].type", index), "incompatible_schema",
          fmt::format("column {} is {}, {} {}", wanted.name, catalog::name_of(found.type),
                      tenant     ? "but the tenant column must be exactly"
                      : narrower ? "narrower than the contract's"
                                 : "but the contract says",
                      catalog::name_of(wanted.type)),
          tenant ? "widening can merge tenants: change the contract and the data together"
                 : "publish the contract's type, or change the contract");
    }
  }
  if (manifest.compatibility == Compatibility::exact) {
    for (std::size_t i = 0; i < manifest.schema.size(); ++i) {
      if (!dataset.find_column(manifest.schema[i].name)) {
        add(fmt::format("schema[{}].name", i), "incompatible_schema",
            fmt::format("column {} is not in the contract", manifest.schema[i].name),
            "under compatibility_policy exact no column may be extra");
      }
    }
  }
  catalog::sort_findings(findings);
  return findings;
}

}  // namespace offloader::manifest
