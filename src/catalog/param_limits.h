#pragma once

#include <array>
#include <string>
#include <string_view>

#include "fields.h"
#include "params.h"

// The fields of a param that bound its values: `min`, `max`, `max_length` and `list`. Each reports what is
// wrong with it.
namespace offloader::catalog {

inline constexpr std::int64_t kMaxListValues = 1'000;
inline constexpr std::array<std::string_view, 1> kListFields = {"max"};

void read_limits(const Fields& fields, ParamDraft& draft);

// Returns which bound of the param `text` breaks, as a message about `shown`; empty if none.
// Requires: is_value_of(param.type, text).
[[nodiscard]] std::string broken_limit(const Param& param, std::string_view text, const std::string& shown);

// For messages and hints: `integer, number, date or timestamp`.
[[nodiscard]] std::string bounded_types();

}  // namespace offloader::catalog
