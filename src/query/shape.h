#pragma once

#include <functional>
#include <memory>

#include "offloader/catalog/catalog.h"
#include "offloader/query/plan.h"

namespace offloader::query {

// What all shapes of an endpoint's plans have in common: everything but id and conditions. Shapes that are
// made from it share its lists.
[[nodiscard]] PlanShape common_shape(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset);

// The shape when exactly the filters of the params for which `present` says so apply. Gives it the next id of
// the process.
[[nodiscard]] std::shared_ptr<const PlanShape> make_shape(
    const PlanShape& common, const catalog::Endpoint& endpoint, const catalog::Dataset& dataset,
    const std::function<bool(std::size_t param)>& present);

}  // namespace offloader::query
