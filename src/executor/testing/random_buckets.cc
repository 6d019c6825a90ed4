#include "random_buckets.h"

#include <algorithm>

#include "reference_zone.h"
#include "value_pools.h"

namespace offloader::executor::testing::model {
namespace {

using Texts = std::vector<std::string>;

// Zones that the tests know: only UTC and its kin where the system has no zone files.
const Texts& zones() {
  static const Texts kAll = [] {
    Texts known;
    for (const char* const name :
         {"UTC", "Etc/GMT+5", "Etc/GMT-14", "Europe/Berlin", "America/New_York", "America/Havana",
          "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "America/Sao_Paulo"}) {
      if (Zone::load(name)) known.emplace_back(name);
    }
    return known;
  }();
  return kAll;
}

bool has_time(Type type) {
  return type == Type::timestamp || type == Type::timestamptz;
}

Texts some_of(const Texts& from, Random& random) {
  Texts out;
  for (const std::string& text : from) {
    if (chance(random, 50)) out.push_back(text);
  }
  if (out.empty()) out.push_back(pick(random, from));
  return out;
}

// Adds a param that chooses among the values. Returns its index.
std::size_t add_choice(Endpoint& endpoint, const std::string& name, const Texts& values, bool optional,
                       Random& random) {
  Param param;
  param.name = name;
  param.type = "enum";
  param.values = values;
  if (chance(random, 30)) param.aliases.emplace_back("alias_one", values.back());
  if (!optional || chance(random, 50)) {
    if (chance(random, 30)) {
      param.required = true;
    } else {
      param.default_value = values.front();
    }
  }
  endpoint.params.push_back(std::move(param));
  return endpoint.params.size() - 1;
}

}  // namespace

void add_bucket(Endpoint& endpoint, const Table& table, bool aggregated, Random& random) {
  if (zones().empty() || !chance(random, 60)) return;
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (has_time(table.columns[i].type) || table.columns[i].type == Type::date) columns.push_back(i);
  }
  if (columns.empty()) return;
  Select select{"bucket", pick(random, columns), "", Bucket{}};
  Bucket& bucket = *select.bucket;
  const bool times = has_time(table.columns[select.column].type);
  Texts grains = {"day", "week", "month", "quarter", "year"};
  if (times) grains.insert(grains.begin(), "hour");
  bucket.grains = some_of(grains, random);
  if (chance(random, 50)) {
    bucket.grain_param = add_choice(endpoint, "grain", bucket.grains, false, random);
  } else {
    bucket.grains.resize(1);
  }
  bucket.zones = {times ? pick(random, zones()) : "UTC"};
  if (times && chance(random, 40)) {
    bucket.zones = some_of(zones(), random);
    bucket.zone_param = add_choice(endpoint, "zone", bucket.zones, true, random);
  }
  bucket.sunday = chance(random, 30);
  if (aggregated && chance(random, 70)) bucket.fill = chance(random, 50) ? "null" : "zero";
  endpoint.selects.push_back(std::move(select));
  if (aggregated) endpoint.group_by.push_back(endpoint.selects.size() - 1);
}

void bound_bucket(Endpoint& endpoint, Random& random) {
  const auto bucketed =
      std::ranges::find_if(endpoint.selects, [](const Select& s) { return s.bucket.has_value(); });
  if (bucketed == endpoint.selects.end() || !chance(random, 70)) return;
  for (const char* const op : {"gte", "lte"}) {
    if (chance(random, 15)) continue;
    Param param;
    param.name = op == std::string("gte") ? "from" : "to";
    param.type = "date";
    if (chance(random, 50))
      param.default_value =
          pick(random, op == std::string("gte") ? Texts{"2025-12-25", "2025-10-03", "2011-12-28"}
                                                : Texts{"2026-01-09", "2025-11-03", "2012-01-02"});
    endpoint.params.push_back(std::move(param));
    const bool open = chance(random, 25);
    endpoint.filters.push_back(
        {bucketed->column, open ? (op == std::string("gte") ? "gt" : "lt") : op, endpoint.params.size() - 1});
  }
}

}  // namespace offloader::executor::testing::model
