#include "reserved_params.h"

#include <algorithm>

namespace offloader::catalog {
namespace {

bool chooses_groups(const Fields& endpoint) {
  const Value query = endpoint.at("query");
  if (!query.present() || query.node->kind != yaml::Kind::map) return false;
  return std::any_of(query.node->entries.begin(), query.node->entries.end(), [](const yaml::Entry& entry) {
    return entry.key->text == "group_by" && entry.value->kind == yaml::Kind::map;
  });
}

bool pages_by_cursor(const Fields& endpoint) {
  const Value pagination = endpoint.at("pagination");
  if (!pagination.present() || pagination.node->kind != yaml::Kind::map) return false;
  return std::any_of(
      pagination.node->entries.begin(), pagination.node->entries.end(), [](const yaml::Entry& entry) {
        if (entry.key->text != "cursor") return false;
        const std::string& word = entry.value->text;
        return word == "strict" ||
               (entry.value->kind == yaml::Kind::boolean && (word.front() == 't' || word.front() == 'T'));
      });
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
  return names;
}

}  // namespace offloader::catalog
