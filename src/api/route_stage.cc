#include "route_stage.h"

namespace offloader::api {

Result<Step> RouteStage::run(Exchange& exchange) const {
  exchange.grant = exchange.principal->grant_for(exchange.name);
  if (exchange.grant) exchange.endpoint = &exchange.generation->endpoint_of(*exchange.grant);
  if (!exchange.takes_method) return fail(ErrorCode::method_not_allowed, "use GET, HEAD or POST");
  if (exchange.endpoint == nullptr) return fail(ErrorCode::not_found, "no such endpoint");
  const catalog::Endpoint& contract = *exchange.endpoint->contract;
  exchange.series = &metrics_.series(exchange.request->io_thread(), contract.name);
  exchange.public_answer = exchange.principal->anonymous && !contract.tenant_scoped;
  return Step::next;
}

}  // namespace offloader::api
