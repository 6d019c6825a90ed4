#include "params_stage.h"

#include <utility>

#include "offloader/query/compiler.h"

namespace offloader::api {

Result<Step> ParamsStage::run(Exchange& exchange) const {
  if (exchange.params && !exchange.request->query().empty()) {
    return fail(ErrorCode::invalid_param, "a POST takes its params from the body: remove the query string");
  }
  const auto params = exchange.params ? *std::exchange(exchange.params, std::nullopt)
                                      : query::decode_query_string(exchange.request->query());
  if (!params) return fail(params.error());
  auto plan = exchange.endpoint->compiler->compile(*params, exchange.grant->tenant);
  if (!plan) return fail(std::move(plan.error()));
  if (!exchange.endpoint->snapshot) return fail(ErrorCode::not_ready, "the dataset has no snapshot yet");
  exchange.plan = std::move(*plan);
  return Step::next;
}

}  // namespace offloader::api
