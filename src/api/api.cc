#include "offloader/api/api.h"

#include <optional>
#include <utility>

#include "answer_stage.h"
#include "audit_stage.h"
#include "batch_stage.h"
#include "body_stage.h"
#include "cache_stage.h"
#include "client_address.h"
#include "compress_stage.h"
#include "compressor.h"
#include "conditional_stage.h"
#include "cursor_stage.h"
#include "endpoint_series.h"
#include "export_stage.h"
#include "finish.h"
#include "format_stage.h"
#include "json_stage.h"
#include "limits_stage.h"
#include "list_stage.h"
#include "method_stage.h"
#include "offloader/base/crypto.h"
#include "offloader/base/request_id.h"
#include "offloader/http/router.h"
#include "params_stage.h"
#include "pipeline.h"
#include "principal_stage.h"
#include "repeat_stage.h"
#include "request_path.h"
#include "respond_stage.h"
#include "route_stage.h"
#include "send_stage.h"
#include "token_verifier.h"
#include "turn_stage.h"

namespace offloader::api {
namespace {

using http::Request;
using http::Responder;
using http::Response;

// The stages of each route, in order. The contract defines the order of the checks (consumer-api.md,
// "Errors"), and each stage's header gives the reason for its place.
using EndpointStages =
    Pipeline<PrincipalStage, AuditStage, LimitsStage, RouteStage, BodyStage, JsonStage, FormatStage,
             RepeatStage, ParamsStage, CacheStage, ConditionalStage, TurnStage, ExportStage, AnswerStage,
             CursorStage, CompressStage, RespondStage>;
using BatchStages = Pipeline<PrincipalStage, AuditStage, LimitsStage, MethodStage, BodyStage, FormatStage,
                             BatchStage, CompressStage, SendStage>;
using ListStages =
    Pipeline<PrincipalStage, LimitsStage, MethodStage, FormatStage, ListStage, CompressStage, SendStage>;

std::shared_ptr<const Seal> seal_of_process() {
  return std::make_shared<const Seal>(random_hex(32), "cursor");
}

class Port final : public Api {
 public:
  Port(serving::Publication& publication, serving::Answers& answers, serving::ResponseCache& cache,
       telemetry::Telemetry& telemetry, const Clock& clock, std::size_t io_threads, ApiOptions options)
      : publication_(publication),
        clock_(clock),
        options_(std::move(options)),
        finish_(telemetry.log(), clock, options_),
        cursors_(options_.cursor_seal ? options_.cursor_seal : seal_of_process()),
        metrics_(telemetry.metrics(), io_threads),
        lacking_certificate_(auth_failures(telemetry.metrics(), "certificate")),
        report_(answers, telemetry.metrics(), clock, options_, finish_),
        refused_(telemetry.metrics(), io_threads),
        repeated_(io_threads, finish_.audit()),
        endpoint_(
            finish_,
            PrincipalStage(telemetry.metrics(), clock, options_.trusted_proxies, finish_, verifier_,
                           [this](Exchange& exchange) { endpoint_.run_after<PrincipalStage>(exchange); }),
            AuditStage(finish_.audit()), limits_stage(LimitsStage::Mode::take, "_unknown"),
            RouteStage(metrics_),
            BodyStage(options_.response_memory, telemetry.metrics(), finish_,
                      [this](Exchange& exchange) { endpoint_.run_after<BodyStage>(exchange); }),
            JsonStage(), FormatStage(), RepeatStage(answers, repeated_),
            ParamsStage(clock, cursors_, finish_.audit()), CacheStage(answers, repeated_),
            ConditionalStage(answers, clock, finish_), TurnStage(),
            ExportStage(answers, telemetry.metrics(), clock, finish_, report_),
            AnswerStage(answers, finish_, report_,
                        [this](Exchange& exchange) { endpoint_.run_after<AnswerStage>(exchange); }),
            CursorStage(cursors_),
            CompressStage(compressor_, cache, options_.response_memory, clock,
                          [this](Exchange& exchange) { endpoint_.run_after<CompressStage>(exchange); }),
            RespondStage(clock, finish_)),
        batch_limits_(limits_stage(LimitsStage::Mode::look, {})),
        batch_(
            finish_,
            PrincipalStage(telemetry.metrics(), clock, options_.trusted_proxies, finish_, verifier_,
                           [this](Exchange& exchange) { batch_.run_after<PrincipalStage>(exchange); }),
            AuditStage(finish_.audit()), batch_limits_, MethodStage("use POST"),
            BodyStage(options_.response_memory, telemetry.metrics(), finish_,
                      [this](Exchange& exchange) { batch_.run_after<BodyStage>(exchange); }),
            FormatStage(),
            BatchStage(options_.batch_max, options_.response_memory, clock, finish_,
                       {[this](Exchange& exchange) { endpoint_.run_from<AuditStage>(exchange); },
                        [this](Exchange& exchange) { endpoint_.run_after<TurnStage>(exchange); },
                        [this](Exchange& exchange) { batch_.run_after<BatchStage>(exchange); },
                        [this](Exchange& exchange) { batch_limits_.show(exchange, clock_.steady_now()); }}),
            CompressStage(compressor_, cache, options_.response_memory, clock,
                          [this](Exchange& exchange) { batch_.run_after<CompressStage>(exchange); }),
            SendStage(finish_)),
        list_(finish_,
              PrincipalStage(telemetry.metrics(), clock, options_.trusted_proxies, finish_, verifier_,
                             [this](Exchange& exchange) { list_.run_after<PrincipalStage>(exchange); }),
              limits_stage(LimitsStage::Mode::take, "_list"), MethodStage("use GET or HEAD"), FormatStage(),
              ListStage(finish_),
              CompressStage(compressor_, cache, options_.response_memory, clock,
                            [this](Exchange& exchange) { list_.run_after<CompressStage>(exchange); }),
              SendStage(finish_)),
        compressor_({.threads = options_.compression_threads, .memory = options_.response_memory}),
        verifier_(options_.post, options_.response_memory, telemetry, clock, finish_) {
    router_.add("/v1/endpoints/{name...}", "GET, HEAD, POST", &Port::answer_endpoint);
    router_.add("/v1/endpoints/{name...}", "OPTIONS", &Port::answer_options);
    router_.add("/v1/batch", "POST", &Port::answer_batch);
    router_.add("/v1/batch", "OPTIONS", &Port::answer_options);
    router_.add("/v1", "GET, HEAD", &Port::answer_list);
    router_.add("/v1", "OPTIONS", &Port::answer_options);
    router_.add("/healthz", "GET, HEAD", &Port::answer_healthz);
    router_.add("/healthz", "OPTIONS", &Port::answer_options);
  }

  void handle(const Request& request, Responder responder, const std::shared_ptr<CancelFlag>& gone) override {
    Exchange exchange(request, std::move(responder), gone);
    begin(exchange);
    std::string decoded;
    const auto match = router_.find(exchange.method, routed_path(request.path(), decoded));
    // Before everything else, an unknown path too: a caller without a certificate learns nothing. Browsers
    // send no certificate with a preflight.
    if (request.lacks_certificate() &&
        !(match && (match->value == &Port::answer_healthz ||
                    (match->value == &Port::answer_options && is_preflight(exchange))))) {
      lacking_certificate_.add();
      return finish_.refused(exchange,
                             {ErrorCode::unauthorized, "a valid client certificate is required", {}});
    }
    if (!match) return finish_.refused(exchange, {ErrorCode::not_found, "not found", {}});
    exchange.name = match->captures[0];
    exchange.takes_method = match->takes_method;
    exchange.allow = match->allow;
    (this->*match->value)(exchange);
  }

  bool reads_body(const Request& request) const override {
    if (request.method() != "POST") return false;
    std::string decoded;
    const auto match = router_.find(request.method(), routed_path(request.path(), decoded));
    return match && match->takes_method;
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
    exchange.target = request.target();
    exchange.series = &metrics_.series(request.io_thread(), "_unknown");
    exchange.request_id =
        request_id_for(request.header("x-request-id"), exchange.generation->principals->anonymous());
    exchange.origin = request.header("origin");
    const bool by_address = options_.limiter != nullptr && options_.limiter->has_default_rate() &&
                            exchange.generation->principals->anonymous();
    if (by_address || finish_.log().wants_access() || finish_.audit().on())
      exchange.client = client_address(request, options_.trusted_proxies).address;
    if (finish_.log().wants_access()) exchange.trace_id = trace_id_of(request.header("traceparent"));
  }

  LimitsStage limits_stage(LimitsStage::Mode mode, std::string_view name) {
    return {options_.limiter, mode, name, refused_, options_.trusted_proxies};
  }

  void answer_endpoint(Exchange& exchange) {
    exchange.for_data = true;
    endpoint_.run(exchange);
  }
  void answer_batch(Exchange& exchange) {
    exchange.for_data = true;  // of which only a refusal is recorded: its requests are for themselves
    batch_.run(exchange);
  }
  void answer_list(Exchange& exchange) { list_.run(exchange); }

  [[nodiscard]] static bool is_preflight(const Exchange& exchange) {
    return exchange.origin && exchange.request->header("access-control-request-method");
  }

  void answer_options(Exchange& exchange) {
    Response response;
    response.status = 204;
    finish_.headers().append_options(response.headers, exchange, is_preflight(exchange));
    finish_.served(exchange, std::move(response));
  }

  void answer_healthz(Exchange& exchange) {
    if (!exchange.takes_method)
      return finish_.refused(exchange, {ErrorCode::method_not_allowed, "use GET or HEAD", {}});
    Response response;
    finish_.headers().append_uncached(response.headers);
    finish_.headers().append_common(response.headers, exchange);
    response.body.append(std::string(R"({"status":"ok"})"));
    finish_.served(exchange, std::move(response));
  }

  serving::Publication& publication_;
  const Clock& clock_;
  const ApiOptions options_;
  const Finish finish_;
  const Cursors cursors_;
  EndpointMetrics metrics_;
  telemetry::Counter& lacking_certificate_;
  QueryReport report_;
  http::Router<void (Port::*)(Exchange&)> router_;
  RefusalCounters refused_;
  RepeatedQueries repeated_;
  const EndpointStages endpoint_;
  const LimitsStage batch_limits_;
  const BatchStages batch_;
  const ListStages list_;
  Compressor compressor_;   // its destructor resumes the exchanges that wait in it
  TokenVerifier verifier_;  // last: the destructor of its worker drops those that wait in it
};

}  // namespace

std::unique_ptr<Api> Api::make(serving::Publication& publication, serving::Answers& answers,
                               serving::ResponseCache& cache, telemetry::Telemetry& telemetry,
                               const Clock& clock, std::size_t io_threads, ApiOptions options) {
  return std::make_unique<Port>(publication, answers, cache, telemetry, clock, io_threads,
                                std::move(options));
}

}  // namespace offloader::api
