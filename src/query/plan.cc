#include "offloader/query/plan.h"

namespace offloader::query {

Plan plan_of_totals(const Plan& plan) {
  Plan totals;
  totals.shape = plan.totals;
  totals.values = plan.values;
  totals.lists = plan.lists;
  totals.never = plan.never;
  totals.limit = 1;
  totals.columns = plan.total_columns;
  return totals;
}

}  // namespace offloader::query
