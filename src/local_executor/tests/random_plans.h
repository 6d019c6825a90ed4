#pragma once

#include <random>
#include <vector>

#include "index_scene.h"

namespace offloader::local_executor {

// A scene whose table `t` has random rows, and random plans over it.
class RandomPlans : public IndexScene {
 protected:
  static const std::vector<catalog::Column>& schema();
  // Makes the table, sorted by its first three columns.
  void make_table(int rows, int seed);
  static query::Plan random_plan(std::mt19937& random);
};

}  // namespace offloader::local_executor
