#include "cache_stage.h"

namespace offloader::api {

Result<Step> CacheStage::run(Exchange& exchange) const {
  if (exchange.answer) return Step::next;
  exchange.question = serving::Answers::question(*exchange.endpoint, exchange.plan, exchange.format);
  if (!exchange.cached()) return Step::next;
  exchange.answer = answers_.find(exchange.request->io_thread(), exchange.question.key);
  if (exchange.answer == nullptr) return Step::next;
  exchange.result = serving::CacheResult::hit;
  if (repeated_.applies(exchange)) repeated_.keep(exchange, exchange.question.key);
  exchange.cache_key = std::move(exchange.question.key);
  return Step::next;
}

}  // namespace offloader::api
