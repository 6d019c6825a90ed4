#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "offloader/rows/columns.h"

namespace offloader::rows {

// A plan whose answer has these columns, with a shape id of its own.
inline query::Plan plan_of(std::vector<query::Projection> projections, std::int64_t limit = 1000) {
  static std::uint64_t shapes = 0;
  auto shape = std::make_shared<query::PlanShape>();
  shape->id = ++shapes;
  query::Plan plan;
  for (std::size_t i = 0; i < projections.size(); ++i) plan.columns.push_back(i);
  shape->projections = std::move(projections);
  plan.shape = std::move(shape);
  plan.limit = limit;
  return plan;
}

inline query::Projection column(std::string name, catalog::SizedType type) {
  return {std::move(name), 0, type, std::nullopt};
}

}  // namespace offloader::rows
