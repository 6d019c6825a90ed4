#include "export_stage.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <string>

#include "export_stream.h"

namespace offloader::api {
namespace {

constexpr std::array<std::string_view, 4> kOutcomes = {"complete", "client_gone", "failed", "refused"};
constexpr std::chrono::nanoseconds kNoTime{0};

}  // namespace

Result<Step> ExportStage::run(Exchange& exchange) const {
  if (!exchange.exported) return Step::next;
  std::string tag = answers_.tag(exchange.question);
  if (exchange.method == "HEAD") {
    http::Response head = ExportStream::head_of(exchange, tag, finish_, clock_);
    finish_.streamed(exchange, 0, 0, clock_.steady_now());
    std::move(std::move(exchange.responder).stream(std::move(head))).finish();
    return Step::finished;
  }
  const catalog::Endpoint& contract = *exchange.endpoint->contract;
  auto writer = answers_.writers().make(exchange.format, {.csv_guard = contract.csv_guard, .streamed = true});
  if (!writer) return fail(std::move(writer.error()));
  const auto kept = Exchange::keep(std::move(exchange));
  auto stream = std::make_shared<ExportStream>(kept, std::move(tag), std::move(*writer), finish_, clock_);
  executor::Query query{
      .plan = std::move(kept->plan),
      .snapshot = kept->endpoint->snapshot->data,
      .writer = stream,
      .fairness_class = kept->principal->fairness_class,
      .cancel = *kept->gone,
      .stream = executor::Stream{.group = std::hash<std::string>{}(contract.name),
                                 .most = static_cast<std::size_t>(contract.exports->concurrency)}};
  answers_.stream(std::move(query), [this, kept, stream](const executor::Outcome& outcome) {
    if (outcome) {
      report_.answered(*kept, outcome->by, std::max(outcome->duration - stream->waited(), kNoTime));
    } else {
      report_.failed(*kept, outcome.error(), true);
    }
    const ExportOutcome ended = stream->end(outcome);
    metrics_
        .counter("offloader_exports_total", "Exports by how they ended.",
                 {{"endpoint", kept->endpoint->contract->name},
                  {"format", std::string(row_of(kept->format).name)},
                  {"outcome", std::string(kOutcomes[static_cast<std::size_t>(ended)])}})
        .add();
  });
  return Step::finished;
}

}  // namespace offloader::api
