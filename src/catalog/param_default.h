#pragma once

#include <set>
#include <string>

#include "fields.h"
#include "params.h"

namespace offloader::catalog {

// The values of an enum, for lookups.
using Words = std::set<std::string, std::less<>>;

// Reads the `default` and the `example` of a param: a value of its type within its bounds, or a list of them;
// a default of a date or timestamp may be relative. Requires: the type, the enum and the bounds are read.
void read_default(const Fields& fields, ParamDraft& draft, const Words& words);
void read_example(const Fields& fields, ParamDraft& draft, const Words& words);

}  // namespace offloader::catalog
