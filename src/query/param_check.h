#pragma once

#include <string>

#include "offloader/catalog/catalog.h"
#include "problems.h"
#include "sent_values.h"

// Checks the values of declared params against the contract: type, enum, bounds, length, lists. Messages name
// the param and never repeat a value. Pure.
namespace offloader::query {

// Returns the value that `text` means: the enum value or alias target that it names, or the text itself.
// Points into the param or to `text`. Returns null and adds a problem if it is not one of the param's.
[[nodiscard]] const std::string* check_value(const catalog::Param& param, const std::string& text,
                                             Problems& problems);

// Fills in the values of a list param, in the order sent. A text alone is split (list_syntax.h); each of
// several is a value. Returns false and adds problems if the list or a value of it is invalid.
[[nodiscard]] bool check_list(const catalog::Param& param, SentList& list, Problems& problems);

}  // namespace offloader::query
