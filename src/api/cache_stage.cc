#include "cache_stage.h"

namespace offloader::api {

Result<Step> CacheStage::run(Exchange& exchange) const {
  exchange.question = serving::Answers::question(*exchange.endpoint, exchange.plan, exchange.format);
  if (!exchange.cached()) return Step::next;
  exchange.answer = answers_.find(exchange.request->io_thread(), exchange.question);
  if (exchange.answer == nullptr) return Step::next;
  exchange.result = serving::CacheResult::hit;
  exchange.cache_key = std::move(exchange.question.key);
  return Step::next;
}

}  // namespace offloader::api
