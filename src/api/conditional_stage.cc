#include "conditional_stage.h"

#include "etag_match.h"
#include "offloader/serving/envelope.h"

namespace offloader::api {

Result<Step> ConditionalStage::run(Exchange& exchange) const {
  if (exchange.is_post()) return Step::next;
  const auto if_none_match = exchange.request->header("if-none-match");
  if (!if_none_match) return Step::next;
  const std::string tag = exchange.answer ? exchange.answer->tag() : answers_.tag(exchange.question);
  const SystemTime now = clock_.now();
  const serving::ServedEndpoint& endpoint = *exchange.endpoint;
  std::string etag;
  append_etag(etag, tag, endpoint.editions, serving::freshness_of(endpoint, now).stale);
  if (!etag_matches(*if_none_match, etag)) return Step::next;

  http::Response response;
  response.status = 304;
  finish_.headers().append_validators(response.headers, exchange, tag, now);
  finish_.headers().append_common(response.headers, exchange);
  exchange.result = exchange.cached() ? serving::CacheResult::hit : serving::CacheResult::off;
  finish_.answered(exchange, std::move(response), 0);
  return Step::finished;
}

}  // namespace offloader::api
