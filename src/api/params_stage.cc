#include "params_stage.h"

#include "offloader/query/compiler.h"
#include "offloader/serving/moment.h"

namespace offloader::api {

Result<Step> ParamsStage::run(Exchange& exchange) const {
  auto params = query::decode_query_string(exchange.request->query());
  if (!params) return fail(std::move(params.error()));
  const query::Compiler& compiler = *exchange.endpoint->compiler;
  query::RequestMoment moment;
  if (compiler.depends_on_moment()) moment = serving::moment_of(*exchange.endpoint, clock_->now());
  auto plan = compiler.compile(*params, exchange.grant->tenant, moment);
  if (!plan) return fail(std::move(plan.error()));
  if (!exchange.endpoint->snapshot) return fail(ErrorCode::not_ready, "the dataset has no snapshot yet");
  if (plan->depends_on_today) exchange.today = moment.today;
  exchange.plan = std::move(*plan);
  return Step::next;
}

}  // namespace offloader::api
