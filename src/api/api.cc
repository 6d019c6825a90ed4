#include "offloader/api/api.h"

#include <array>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "answer_stage.h"
#include "cache_stage.h"
#include "client_address.h"
#include "compress_stage.h"
#include "compressor.h"
#include "conditional_stage.h"
#include "endpoint_series.h"
#include "finish.h"
#include "format_stage.h"
#include "offloader/base/request_id.h"
#include "offloader/http/router.h"
#include "params_stage.h"
#include "principal_stage.h"
#include "request_path.h"
#include "respond_stage.h"
#include "route_stage.h"

namespace offloader::api {
namespace {

using http::Request;
using http::Responder;
using http::Response;

// The stages of a request for an endpoint, in order. The contract defines the order of the checks
// (consumer-api.md, "Errors"), and each stage's header gives the reason for its place.
using Stages = std::tuple<PrincipalStage, RouteStage, FormatStage, ParamsStage, CacheStage, ConditionalStage,
                          AnswerStage, CompressStage, RespondStage>;

template <typename Stage, std::size_t Place = 0>
constexpr std::size_t place_of() {
  if constexpr (std::is_same_v<Stage, std::tuple_element_t<Place, Stages>>) {
    return Place;
  } else {
    return place_of<Stage, Place + 1>();
  }
}

class Port final : public Api {
 public:
  Port(serving::Publication& publication, serving::Answers& answers, serving::ResponseCache& cache,
       telemetry::Telemetry& telemetry, const Clock& clock, std::size_t io_threads, ApiOptions options)
      : publication_(publication),
        clock_(clock),
        options_(std::move(options)),
        finish_(telemetry.log(), clock, options_),
        metrics_(telemetry.metrics(), io_threads),
        stages_(PrincipalStage(telemetry.metrics()), RouteStage(metrics_), FormatStage(), ParamsStage(clock),
                CacheStage(answers), ConditionalStage(answers, clock, finish_),
                AnswerStage(answers, telemetry.metrics(), clock, options_, finish_,
                            [this](Exchange& exchange) { run_after<AnswerStage>(exchange); }),
                CompressStage(compressor_, cache, options_.response_memory, clock,
                              [this](Exchange& exchange) { run_after<CompressStage>(exchange); }),
                RespondStage(clock, finish_)),
        compressor_({.threads = options_.compression_threads, .memory = options_.response_memory}) {
    router_.add("/v1/endpoints/{name...}", "GET, HEAD", &Port::answer_endpoint);
    router_.add("/v1/endpoints/{name...}", "OPTIONS", &Port::answer_options);
    router_.add("/healthz", "GET, HEAD", &Port::answer_healthz);
    router_.add("/healthz", "OPTIONS", &Port::answer_options);
  }

  void handle(const Request& request, Responder responder, const std::shared_ptr<CancelFlag>& gone) override {
    Exchange exchange(request, std::move(responder), gone);
    begin(exchange);
    std::string decoded;
    const auto match = router_.find(exchange.method, routed_path(request.path(), decoded));
    if (!match) return finish_.refused(exchange, {ErrorCode::not_found, "not found", {}});
    exchange.name = match->captures[0];
    exchange.takes_method = match->takes_method;
    exchange.allow = match->allow;
    (this->*match->value)(exchange);
  }

  Response error_response(int status, std::string_view message) override {
    return finish_.connection_error(status, message);
  }

 private:
  void begin(Exchange& exchange) {
    const Request& request = *exchange.request;
    exchange.begun = clock_.steady_now();
    exchange.generation = publication_.view(request.io_thread());
    exchange.method = request.method();
    exchange.series = &metrics_.series(request.io_thread(), "_unknown");
    exchange.request_id =
        request_id_for(request.header("x-request-id"), exchange.generation->principals->anonymous());
    exchange.origin = request.header("origin");
    if (finish_.log().wants_access()) {
      exchange.client = client_address(request, options_.trusted_proxies);
      exchange.trace_id = trace_id_of(request.header("traceparent"));
    }
  }

  void answer_endpoint(Exchange& exchange) { run_from<0>(exchange); }

  void answer_options(Exchange& exchange) {
    Response response;
    response.status = 204;
    const bool preflight = exchange.origin && exchange.request->header("access-control-request-method");
    finish_.headers().append_options(response.headers, exchange, preflight);
    finish_.served(exchange, std::move(response));
  }

  void answer_healthz(Exchange& exchange) {
    if (!exchange.takes_method)
      return finish_.refused(exchange, {ErrorCode::method_not_allowed, "use GET or HEAD", {}});
    Response response;
    finish_.headers().append_uncached(response.headers);
    finish_.headers().append_common(response.headers, exchange.request_id, exchange.origin);
    response.body.append(std::string(R"({"status":"ok"})"));
    finish_.served(exchange, std::move(response));
  }

  template <std::size_t First>
  void run_from(Exchange& exchange) const {
    [&]<std::size_t... Place>(std::index_sequence<Place...>) {
      static_cast<void>((... && passes(std::get<First + Place>(stages_), exchange)));
    }(std::make_index_sequence<std::tuple_size_v<Stages> - First>());
  }

  template <typename Stage>
  void run_after(Exchange& exchange) const {
    run_from<place_of<Stage>() + 1>(exchange);
  }

  template <typename Stage>
  [[nodiscard]] bool passes(const Stage& stage, Exchange& exchange) const {
    const Result<Step> step = stage.run(exchange);
    if (!step) finish_.refused(exchange, step.error());
    return step && *step == Step::next;
  }

  serving::Publication& publication_;
  const Clock& clock_;
  const ApiOptions options_;
  const Finish finish_;
  EndpointMetrics metrics_;
  http::Router<void (Port::*)(Exchange&)> router_;
  const Stages stages_;
  Compressor compressor_;  // last: its destructor resumes the exchanges that wait in it
};

}  // namespace

std::unique_ptr<Api> Api::make(serving::Publication& publication, serving::Answers& answers,
                               serving::ResponseCache& cache, telemetry::Telemetry& telemetry,
                               const Clock& clock, std::size_t io_threads, ApiOptions options) {
  return std::make_unique<Port>(publication, answers, cache, telemetry, clock, io_threads,
                                std::move(options));
}

}  // namespace offloader::api
