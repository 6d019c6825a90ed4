#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "column_docs.h"

namespace offloader::admin {

// Returns a value of param `index` that the contract accepts, not yet percent-encoded. A string that is
// compared with a column of another type is one that parses as that type.
[[nodiscard]] std::string example_value(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset,
                                        std::size_t index);

// Returns the JSON Schema of a param.
[[nodiscard]] Json param_schema(const catalog::Param& param);

// Returns the default of a param in its type, such as a number for integers; null if it has none. A relative
// one is text, such as `today-29d`.
[[nodiscard]] Json default_json(const catalog::Param& param);

// Returns a value of a param in the type that JSON has for it.
[[nodiscard]] Json typed_json(catalog::ParamType type, const std::string& text);

// Adds what the param says beyond its name and type to its entry in the documentation: description, bounds
// and list. Adds nothing for a param without them.
void add_details(Json& entry, const catalog::Param& param);

// Returns the param as OpenAPI describes it.
[[nodiscard]] Json openapi_param(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset,
                                 std::size_t index);

// Returns the params of a request that the contract accepts: the first combination that includes every
// required param or, if there is none, the required params.
[[nodiscard]] std::vector<std::size_t> example_params(const catalog::Endpoint& endpoint);

// Returns the sets of params that may be used together, as lists of names; empty if any set is allowed.
[[nodiscard]] Json combinations_json(const catalog::Endpoint& endpoint);

// Returns the query string `?a=b&c=d` of such a request; empty if it has no params.
[[nodiscard]] std::string example_query(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset);

// Percent-encodes everything except letters, digits and `-._~`.
[[nodiscard]] std::string encode_query_value(std::string_view value);

}  // namespace offloader::admin
