#pragma once

#include <functional>
#include <memory>

#include "offloader/catalog/catalog.h"
#include "offloader/query/plan.h"

namespace offloader::query {

// The shape of an endpoint's plans when exactly the filters of the params for which `present` says so apply.
// Gives it the next id of the process.
[[nodiscard]] std::shared_ptr<const PlanShape> make_shape(
    const catalog::Endpoint& endpoint, const catalog::Dataset& dataset,
    const std::function<bool(std::size_t param)>& present);

}  // namespace offloader::query
