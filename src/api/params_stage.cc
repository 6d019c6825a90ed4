#include "params_stage.h"

#include <utility>

#include "offloader/query/compiler.h"
#include "offloader/serving/moment.h"
#include "query_beside.h"

namespace offloader::api {

Result<Step> ParamsStage::run(Exchange& exchange) const {
  const std::string_view in_url = exchange.request->query();
  const bool beside = exchange.params && !in_url.empty();
  const auto params =
      exchange.params ? *std::exchange(exchange.params, std::nullopt) : query::decode_query_string(in_url);
  const query::Compiler& compiler = *exchange.endpoint->compiler;
  query::RequestMoment moment;
  if (compiler.depends_on_moment())
    moment = serving::moment_of(*exchange.endpoint, exchange.moment.value_or(clock_->now()));
  auto plan = params ? compiler.compile(*params, exchange.grant->tenant, moment)
                     : Result<query::Plan>(fail(params.error()));
  if (beside) {
    return fail(query_beside("a POST takes its params from the body: remove the query string",
                             plan ? nullptr : &plan.error()));
  }
  if (!plan) return fail(std::move(plan.error()));
  if (!exchange.endpoint->snapshot) return fail(ErrorCode::not_ready, "the dataset has no snapshot yet");
  if (plan->depends_on_today) exchange.today = moment.today;
  exchange.plan = std::move(*plan);
  return Step::next;
}

}  // namespace offloader::api
