#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "offloader/base/identifier.h"
#include "offloader/manifest/manifest.h"

namespace offloader::manifest {
namespace {

using catalog::Column;
using catalog::ColumnType;
using catalog::SizedType;

// Returns the position of a numeric type in the order INTEGER, BIGINT, DOUBLE, along which a column may
// widen. Returns nullopt for types that may not.
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

// Returns the digits before the point that every value of the type fits; nullopt if it may not widen to a
// DECIMAL.
std::optional<int> whole_digits(const SizedType& type) {
  switch (type.type) {
    case ColumnType::integer:
      return 10;
    case ColumnType::bigint:
      return 19;
    case ColumnType::decimal:
      return type.size.whole();
    default:
      return std::nullopt;
  }
}

bool may_stand_for(const SizedType& offered, const SizedType& wanted) {
  if (offered == wanted) return true;
  if (offered == ColumnType::decimal) {
    const auto whole = whole_digits(wanted);
    return whole && offered.size.whole() >= *whole && offered.size.scale >= wanted.size.scale;
  }
  const auto from = width_of(wanted);
  const auto to = width_of(offered);
  return from && to && *to > *from;
}

// Whether the offered type is a narrower type of the same family.
bool is_narrower(const SizedType& offered, const SizedType& wanted) {
  const auto from = width_of(wanted);
  const auto to = width_of(offered);
  if (from && to) return *to < *from;
  const auto whole = whole_digits(offered);
  return whole && whole_digits(wanted) && !may_stand_for(offered, wanted);
}

}  // namespace

catalog::Findings check_against_contract(const Manifest& manifest, const catalog::Dataset& dataset,
                                         const std::string& file) {
  catalog::FindingList findings;
  const auto add = [&](std::string path, std::string code, std::string message, std::string hint) {
    findings.add({.file = file,
                  .line = 0,
                  .path = std::move(path),
                  .code = std::move(code),
                  .message = std::move(message),
                  .hint = std::move(hint)});
  };
  if (manifest.dataset_id != dataset.id) {
    add("dataset_id", "dataset_mismatch",
        fmt::format("the manifest belongs to dataset \"{}\", not to \"{}\"", manifest.dataset_id, dataset.id),
        "check `manifest` of the dataset, and `dataset_id` of the manifest");
  }
  if (manifest.data_quality == DataQuality::failed) {
    add("data_quality_status", "quality_failed", "the producer marked the data as failed",
        "publish a snapshot that passed its checks");
  }
  std::unordered_map<std::string_view, std::size_t> offered;
  for (std::size_t i = 0; i < manifest.schema.size(); ++i) offered.emplace(manifest.schema[i].name, i);
  for (std::size_t i = 0; i < dataset.schema.size(); ++i) {
    const Column& wanted = dataset.schema[i];
    const auto at = offered.find(wanted.name);
    if (at == offered.end()) {
      std::string hint = "publish it, or remove it from the dataset's schema";
      if (findings.has_room(file)) {
        std::vector<std::string> names;
        for (const Column& column : manifest.schema) names.push_back(column.name);
        if (const auto near = nearest_match(wanted.name, names)) {
          hint = fmt::format("did you mean \"{}\"? {}", *near, hint);
        }
      }
      add("schema", "incompatible_schema",
          fmt::format("the snapshot has no column \"{}\", but the contract requires it", wanted.name), hint);
      continue;
    }
    const std::size_t index = at->second;
    const Column& found = manifest.schema[index];
    const bool tenant = dataset.tenant_column == i;
    const bool fits = tenant ? found.type == wanted.type : may_stand_for(found.type, wanted.type);
    if (!fits) {
      const bool narrower = is_narrower(found.type, wanted.type);
      add(fmt::format("schema[{}].type", index), "incompatible_schema",
          fmt::format("column \"{}\" is {}, {} {}", wanted.name, catalog::name_of(found.type),
                      tenant     ? "but the tenant column must be exactly"
                      : narrower ? "narrower than the contract's"
                                 : "but the contract says",
                      catalog::name_of(wanted.type)),
          tenant ? "widening can merge tenants: change the contract and the data together"
                 : "publish the contract's type, or change the contract");
    }
  }
  if (manifest.compatibility == Compatibility::exact) {
    std::unordered_set<std::string_view> contract;
    for (const Column& column : dataset.schema) contract.insert(column.name);
    for (std::size_t i = 0; i < manifest.schema.size(); ++i) {
      if (!contract.contains(manifest.schema[i].name)) {
        add(fmt::format("schema[{}].name", i), "incompatible_schema",
            fmt::format("column \"{}\" is not in the contract", manifest.schema[i].name),
            "add it to the dataset's schema, or use the policy additive_only");
      }
    }
  }
  return findings.take();
}

}  // namespace offloader::manifest
