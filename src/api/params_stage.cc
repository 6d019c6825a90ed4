#include "params_stage.h"

#include "offloader/query/compiler.h"

namespace offloader::api {

Result<Step> ParamsStage::run(Exchange& exchange) const {
  auto params = query::decode_query_string(exchange.request->query());
  if (!params) return fail(std::move(params.error()));
  auto plan = exchange.endpoint->compiler->compile(*params, exchange.grant->tenant);
  if (!plan) return fail(std::move(plan.error()));
  if (!exchange.endpoint->snapshot) return fail(ErrorCode::not_ready, "the dataset has no snapshot yet");
  exchange.plan = std::move(*plan);
  return Step::next;
}

}  // namespace offloader::api
