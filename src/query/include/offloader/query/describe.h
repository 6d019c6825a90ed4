#pragma once

#include <string>

#include "offloader/query/plan.h"

namespace offloader::query {

// A plan as lines for people: what golden files hold and failing tests print. It shows values, the tenant's
// included, so it belongs in no log and in no answer. Pure.
[[nodiscard]] std::string to_text(const Plan& plan);

// The shape alone, in one line without any value: what the log may tell of a slow query. Pure.
[[nodiscard]] std::string to_text(const PlanShape& shape);

}  // namespace offloader::query
