#include "answer_stage.h"

#include <chrono>

#include "offloader/telemetry/shed.h"

namespace offloader::api {

using serving::CacheResult;

AnswerStage::AnswerStage(serving::Answers& answers, telemetry::Metrics& metrics, const Clock& clock,
                         const ApiOptions& options, const Finish& finish, Resume resume)
    : answers_(answers),
      clock_(clock),
      options_(options),
      finish_(finish),
      resume_(std::move(resume)),
      shed_pool_(telemetry::shed_counter(metrics, "pool")),
      shed_memory_(telemetry::shed_counter(metrics, "memory")) {
  for (const std::string_view part : answers.parts()) {
    queries_.emplace_back(part, &metrics.counter("offloader_queries_total",
                                                 "Queries by the part of the executor that answered them.",
                                                 {{"executor", std::string(part)}}));
  }
}

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
    failed(exchange, outcome.error(), first);
    return Step::finished;
  }
  exchange.answer = outcome->answer;
  exchange.result = outcome->cached     ? CacheResult::hit
                    : exchange.cached() ? CacheResult::miss
                                        : CacheResult::off;
  if (first && !outcome->cached) {
    exchange.series->query->observe(std::chrono::duration<double>(outcome->duration).count());
    count_query(outcome->by);
    finish_.log().query(exchange, outcome->by, outcome->duration);
  }
  return Step::next;
}

void AnswerStage::failed(Exchange& exchange, const executor::Failure& error, bool first) const {
  if (error.code == ErrorCode::busy) shed_pool_.add();
  if (error.code == ErrorCode::no_memory) shed_memory_.add();
  if (first && error.code == ErrorCode::timeout && !error.by.empty()) {
    count_query(error.by);
    finish_.log().query(exchange, error.by, clock_.steady_now() - exchange.begun);
  }
  if (first && error.code == ErrorCode::corrupt && options_.report_corrupt) {
    options_.report_corrupt(exchange.endpoint->contract->dataset, exchange.endpoint->snapshot->data->id());
  }
  finish_.refused(exchange, error, first);
}

void AnswerStage::count_query(std::string_view by) const {
  for (const auto& [part, queries] : queries_) {
    if (part == by) queries->add();
  }
}

}  // namespace offloader::api
