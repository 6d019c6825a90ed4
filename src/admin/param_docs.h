#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "column_docs.h"

namespace offloader::admin {

// A value of param `index` that the contract accepts, as it stands in a query string before encoding. A
// string that is compared with a column of another type is one that can be read as it.
[[nodiscard]] std::string example_value(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset,
                                        std::size_t index);

// The JSON Schema of a param.
[[nodiscard]] Json param_schema(const catalog::Param& param);

// A param's default in its type: a number for integers, else text; null without one.
[[nodiscard]] Json default_json(const catalog::Param& param);

// The params of a request that the contract accepts: those of the first combination that has every required
// one, or without combinations the required ones.
[[nodiscard]] std::vector<std::size_t> example_params(const catalog::Endpoint& endpoint);

// The sets in which params go together, as lists of names; empty where any set goes.
[[nodiscard]] Json combinations_json(const catalog::Endpoint& endpoint);

// `?a=b&c=d` of such a request; empty for one without params.
[[nodiscard]] std::string example_query(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset);

// Percent-encoded for a query string: nothing but letters, digits and `-._~` stays.
[[nodiscard]] std::string encode_query_value(std::string_view value);

}  // namespace offloader::admin
