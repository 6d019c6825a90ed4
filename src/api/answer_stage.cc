#include "answer_stage.h"

namespace offloader::api {

using serving::CacheResult;

Result<Step> AnswerStage::run(Exchange& exchange) const {
  if (exchange.answer) return Step::next;
  exchange.shape = exchange.plan.shape;
  const std::shared_ptr<const executor::Snapshot>& data = exchange.endpoint->snapshot->data;
  const bool cached = exchange.cached();
  if (cached) {
    exchange.cache_key = exchange.question.key;
  } else if (const auto outcome = answers_.answer_at_once(exchange.question, exchange.plan, data.get())) {
    return fetched(exchange, *outcome, true);
  }
  const auto kept = Exchange::keep(std::move(exchange));
  answers_.fetch(std::move(kept->question), std::move(kept->plan), data,
                 {cached, kept->principal->fairness_class, *kept->gone},
                 [this, kept](const serving::FetchOutcome& outcome, bool first) {
                   if (fetched(*kept, outcome, first) == Step::next) resume_(*kept);
                 });
  return Step::finished;
}

Step AnswerStage::fetched(Exchange& exchange, const serving::FetchOutcome& outcome, bool first) const {
  if (!outcome) {
    report_.failed(exchange, outcome.error(), first);
    finish_.refused(exchange, outcome.error(), first);
    return Step::finished;
  }
  exchange.answer = outcome->answer;
  exchange.result = outcome->cached     ? CacheResult::hit
                    : exchange.cached() ? CacheResult::miss
                                        : CacheResult::off;
  if (first && !outcome->cached) report_.answered(exchange, outcome->by, outcome->duration);
  return Step::next;
}

}  // namespace offloader::api
