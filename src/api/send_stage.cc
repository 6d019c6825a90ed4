#include "send_stage.h"

#include <utility>

#include "meta.h"

namespace offloader::api {

Result<Step> SendStage::run(Exchange& exchange) const {
  http::Response response;
  response.headers = std::move(exchange.head);
  append_answer(response, exchange, meta_of(exchange, exchange.result, {}));
  finish_.headers().append_common(response.headers, exchange);
  finish_.served(exchange, std::move(response));
  return Step::finished;
}

}  // namespace offloader::api
