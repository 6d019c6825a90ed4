#include "json_stage.h"

#include <utility>

namespace offloader::api {

Result<Step> JsonStage::run(Exchange& exchange) const {
  if (exchange.is_post() && !exchange.params) {
    exchange.params = query::decode_json_params(std::exchange(exchange.body, {}));
    exchange.body_room = {};
  }
  if (exchange.params && !*exchange.params && exchange.params->error().code == ErrorCode::bad_request)
    return fail(std::move(exchange.params->error()));
  return Step::next;
}

}  // namespace offloader::api
