#pragma once

#include <string>

#include "offloader/catalog/catalog.h"

namespace offloader::query {

// Returns a SHA-256 (32 bytes) over everything in the contract that can change an answer: schema, tenant
// column, params, combinations, select, filters, grouping, order, pagination, serving mode (its sums of
// doubles may differ in the last digits), name and version. It excludes what changes no row: owner,
// descriptions, cache policy, the freshness window (`meta` is built for each answer), and the dataset's
// origin, pins and skips.
[[nodiscard]] std::string contract_fingerprint(const catalog::Endpoint& endpoint,
                                               const catalog::Dataset& dataset);

}  // namespace offloader::query
