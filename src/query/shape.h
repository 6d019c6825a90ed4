#pragma once

#include <functional>
#include <memory>

#include "choice.h"
#include "offloader/catalog/catalog.h"
#include "offloader/query/plan.h"

namespace offloader::query {

// Returns what all plan shapes of one choice have in common: everything except id and conditions. Shapes
// built from it share its lists.
[[nodiscard]] PlanShape common_shape(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset,
                                     const Choice& choice);

// Returns the same for the grand total: the aggregates over all rows. The choice does not matter.
[[nodiscard]] PlanShape totals_shape(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset);

// Returns the shape in which a filter applies if `present` is true for its param. `bucket` is the request's,
// if the endpoint has one. Assigns the shape the next id of the process.
[[nodiscard]] std::shared_ptr<const PlanShape> make_shape(
    const PlanShape& common, const catalog::Endpoint& endpoint, const catalog::Dataset& dataset,
    const std::function<bool(std::size_t param)>& present, const std::optional<Bucket>& bucket);

// Returns the same shape without an order, with an id of its own.
[[nodiscard]] std::shared_ptr<const PlanShape> without_order(const PlanShape& shape);

}  // namespace offloader::query
