#pragma once

#include <string>

#include "offloader/catalog/catalog.h"

namespace offloader::query {

// SHA-256 (32 bytes) over everything in the contract that can change an answer: schema, tenant column,
// params, combinations, select, filters, grouping, order, pagination, serving mode (its sums of doubles may
// differ in the last digits), and name and version. Left out, because they change no row: owner,
// descriptions, cache policy, the freshness window (`meta` is made anew for each answer), where the dataset
// comes from, its pins and skips.
[[nodiscard]] std::string contract_fingerprint(const catalog::Endpoint& endpoint,
                                               const catalog::Dataset& dataset);

}  // namespace offloader::query
