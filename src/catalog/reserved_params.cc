#include "reserved_params.h"

#include <algorithm>

namespace offloader::catalog {
namespace {

// Whether the block of the endpoint is a mapping that has the entry with a value that `matches`.
template <typename Matches>
bool has_entry(const Fields& endpoint, std::string_view block, std::string_view name, Matches matches) {
  const Value value = endpoint.at(block);
  if (!value.present() || value.node->kind != yaml::Kind::map) return false;
  return std::any_of(value.node->entries.begin(), value.node->entries.end(), [&](const yaml::Entry& entry) {
    return entry.key->text == name && matches(*entry.value);
  });
}

bool chooses_groups(const Fields& endpoint) {
  return has_entry(endpoint, "query", "group_by",
                   [](const yaml::Node& value) { return value.kind == yaml::Kind::map; });
}

bool offers_formats(const Fields& endpoint) {
  const Value value = endpoint.at("formats");
  return value.present() && value.node->kind == yaml::Kind::sequence &&
         std::any_of(value.node->items.begin(), value.node->items.end(),
                     [](const yaml::NodePtr& item) { return item->text != "json"; });
}

bool pages_by_cursor(const Fields& endpoint) {
  return has_entry(endpoint, "pagination", "cursor",
                   [](const yaml::Node& value) { return value.text == "strict" || is_true(value); });
}

}  // namespace

ReservedNames reserved_names(const Fields& endpoint) {
  ReservedNames names;
  for (const std::string_view name : {"limit", "offset", "columns"})
    names.emplace(name, "every endpoint has this param");
  if (endpoint.at("sortable").present()) names.emplace("sort", "`sortable` turns this param on");
  if (endpoint.at("totals").present()) names.emplace("totals", "`totals` turns this param on");
  if (chooses_groups(endpoint)) names.emplace("by", "`choose` in `group_by` turns this param on");
  if (pages_by_cursor(endpoint)) names.emplace("cursor", "`cursor` in `pagination` turns this param on");
  if (offers_formats(endpoint)) names.emplace("format", "`formats` turns this param on");
  return names;
}

}  // namespace offloader::catalog
