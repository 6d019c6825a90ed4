#include "offloader/api/api.h"

#include <algorithm>
#include <utility>

#include "access_log.h"
#include "client_address.h"
#include "compression.h"
#include "compressor.h"
#include "endpoint_series.h"
#include "etag_match.h"
#include "exchange.h"
#include "offloader/base/request_id.h"
#include "offloader/identity/principals.h"
#include "offloader/rows/format.h"
#include "offloader/serving/envelope.h"
#include "request_path.h"
#include "response_headers.h"

namespace offloader::api {
namespace {

using http::Request;
using http::Responder;
using http::Response;
using serving::CachedAnswer;
using serving::CacheResult;
using serving::Encoding;
using serving::ServedEndpoint;

constexpr std::string_view kEndpoints = "/v1/endpoints/";
constexpr std::size_t kCompressFrom = 1024;  // bytes of body (consumer-api.md)

class Port final : public Api {
 public:
  Port(serving::Publication& publication, serving::Answers& answers, serving::ResponseCache& cache,
       telemetry::Telemetry& telemetry, const Clock& clock, std::size_t io_threads, ApiOptions options)
      : publication_(publication),
        answers_(answers),
        cache_(cache),
        clock_(clock),
        options_(std::move(options)),
        log_(telemetry.log(), options_.access_log),
        headers_(Cors(options_.cors_origins)),
        metrics_(telemetry.metrics(), io_threads),
        compressor_({.threads = options_.compression_threads, .memory = options_.response_memory}) {
    const auto failures = [&](const char* reason) {
      return &telemetry.metrics().counter("offloader_auth_failures_total",
                                          "Requests without an acceptable key.", {{"reason", reason}});
    };
    auth_failures_ = {nullptr, failures("missing"), failures("malformed"), failures("unknown"),
                      failures("revoked")};
    const auto shed = [&](const char* reason) {
      return &telemetry.metrics().counter("offloader_shed_total", "Requests refused to stay healthy.",
                                          {{"reason", reason}});
    };
    shed_pool_ = shed("pool");
    shed_starting_ = shed("starting");
    shed_memory_ = shed("memory");
    for (const std::string_view part : answers.parts()) {
      queries_.emplace_back(
          part, &telemetry.metrics().counter("offloader_queries_total", "Queries by what answered them.",
                                             {{"executor", std::string(part)}}));
    }
  }

  void handle(const Request& request, Responder responder, const std::shared_ptr<CancelFlag>& gone) override {
    Exchange exchange = begin(request);
    std::string decoded;
    const std::string_view path = routed_path(request.path(), decoded);
    const bool endpoint_path = path.starts_with(kEndpoints);
    const bool reads = exchange.method == "GET" || exchange.method == "HEAD";
    if (exchange.method == "OPTIONS" && (endpoint_path || path == "/healthz")) {
      return finish_options(std::move(responder), exchange, request);
    }
    if (path == "/healthz" && reads) return finish_healthz(std::move(responder), exchange);
    if (path == "/healthz")
      return refuse(std::move(responder), exchange, {ErrorCode::method_not_allowed, "use GET or HEAD", {}});
    if (!endpoint_path)
      return refuse(std::move(responder), exchange, {ErrorCode::not_found, "not found", {}});
    answer_endpoint(request, path.substr(kEndpoints.size()), reads, std::move(responder), std::move(exchange),
                    gone);
  }

  Response error_response(int status, std::string_view message) override {
    Exchange exchange;
    exchange.begun = clock_.steady_now();
    exchange.request_id = request_id_for(std::nullopt, true);
    const std::string_view family = status == 503 ? "not_ready" : status >= 500 ? "internal" : "bad_request";
    Response response = error_frame(exchange, status, family, message);
    if (status == 503) response.headers.append("retry-after: 1\r\n");
    log_access(exchange, status, {}, 0, response.body.size());
    return response;
  }

 private:
  // The order of the checks is the contract's (consumer-api.md, "Errors").
  void answer_endpoint(const Request& request, std::string_view name, bool reads, Responder responder,
                       Exchange exchange, const std::shared_ptr<CancelFlag>& gone) {
    const serving::Generation& generation = *exchange.generation;
    if (generation.number == 0) {
      shed_starting_->add();
      return refuse(std::move(responder), exchange, {ErrorCode::not_ready, "the server is starting", {}});
    }
    std::optional<catalog::Tenant> tenant;
    identity::Credentials credentials;
    if (!generation.principals->anonymous())
      credentials = {request.header("authorization"), request.header_count("authorization")};
    const auto [outcome, principal] = generation.principals->find(credentials);
    if (principal != nullptr) exchange.key_id = principal->id;
    if (outcome != identity::Outcome::ok) {
      auth_failures_[static_cast<std::size_t>(outcome)]->add();
      return refuse(std::move(responder), exchange,
                    {ErrorCode::unauthorized, "a valid API key is required", {}});
    }
    exchange.fairness_class = principal->fairness_class;
    if (const identity::Grant* grant = principal->grant_for(name)) {
      exchange.endpoint = &generation.endpoint_of(*grant);
      tenant = grant->tenant;
    }
    if (!reads) {
      return refuse(std::move(responder), exchange, {ErrorCode::method_not_allowed, "use GET or HEAD", {}});
    }
    if (exchange.endpoint == nullptr) {
      return refuse(std::move(responder), exchange, {ErrorCode::not_found, "no such endpoint", {}});
    }
    const ServedEndpoint& endpoint = *exchange.endpoint;
    exchange.series = &metrics_.series(request.io_thread(), endpoint.contract->name);
    exchange.public_answer = principal->anonymous && !endpoint.contract->tenant_scoped;

    auto params = query::decode_query_string(request.query());
    if (!params) return refuse(std::move(responder), exchange, params.error());
    auto plan = endpoint.compiler->compile(*params, tenant);
    if (!plan) return refuse(std::move(responder), exchange, plan.error());
    if (!endpoint.snapshot) {
      return refuse(std::move(responder), exchange,
                    {ErrorCode::not_ready, "the dataset has no snapshot yet", {}});
    }
    serve(request, std::move(*plan), std::move(responder), std::move(exchange), gone);
  }

  void serve(const Request& request, query::Plan plan, Responder responder, Exchange exchange,
             const std::shared_ptr<CancelFlag>& gone) {
    const ServedEndpoint& endpoint = *exchange.endpoint;
    const bool cached = endpoint.contract->cache == catalog::CachePolicy::snapshot;
    serving::Question question = serving::Answers::question(endpoint, plan);
    exchange.shape = plan.shape;
    exchange.encoding = negotiate(request.header("accept-encoding"));

    std::shared_ptr<const CachedAnswer> hit;
    if (cached) hit = answers_.find(request.io_thread(), question);
    if (const auto if_none_match = request.header("if-none-match")) {
      const std::string tag = hit ? hit->tag() : answers_.tag(question);
      const SystemTime now = clock_.now();
      std::string etag;
      append_etag(etag, tag, endpoint.editions, serving::freshness_of(endpoint, now).stale);
      if (etag_matches(*if_none_match, etag))
        return finish_not_modified(std::move(responder), exchange, tag, now);
    }
    if (hit) {
      exchange.cache_key = std::move(question.key);
      return deliver(std::move(responder), std::move(exchange), std::move(hit), CacheResult::hit, gone);
    }

    if (cached) {
      exchange.cache_key = question.key;
    } else if (const auto outcome = answers_.answer_at_once(question, plan, endpoint.snapshot->data.get())) {
      return finish_fetched(std::move(responder), std::move(exchange), *outcome, true, false, gone);
    }
    const std::shared_ptr<const executor::Snapshot> data = endpoint.snapshot->data;
    const std::uint64_t fairness_class = exchange.fairness_class;
    auto pending =
        std::make_shared<std::pair<Exchange, Responder>>(std::move(exchange), std::move(responder));
    answers_.fetch(std::move(question), std::move(plan), data, {cached, fairness_class, gone},
                   [this, pending, cached, gone](const serving::FetchOutcome& outcome, bool first) {
                     finish_fetched(std::move(pending->second), std::move(pending->first), outcome, first,
                                    cached, gone);
                   });
  }

  void finish_fetched(Responder responder, Exchange exchange, const serving::FetchOutcome& outcome,
                      bool first, bool cached, const std::shared_ptr<CancelFlag>& gone) {
    if (!outcome) return finish_failed(std::move(responder), exchange, outcome.error(), first);
    if (outcome->cached)
      return deliver(std::move(responder), std::move(exchange), outcome->answer, CacheResult::hit, gone);
    if (first) {
      exchange.series->query->observe(std::chrono::duration<double>(outcome->duration).count());
      count_query(outcome->by);
      log_.query(exchange, outcome->by, outcome->duration);
    }
    deliver(std::move(responder), std::move(exchange), outcome->answer,
            cached ? CacheResult::miss : CacheResult::off, gone);
  }

  void count_query(std::string_view by) {
    for (const auto& [part, queries] : queries_) {
      if (part == by) queries->add();
    }
  }

  void finish_failed(Responder responder, const Exchange& exchange, const executor::Failure& error,
                     bool first) {
    if (error.code == ErrorCode::busy) shed_pool_->add();
    if (error.code == ErrorCode::no_memory) shed_memory_->add();
    if (first && error.code == ErrorCode::timeout && !error.by.empty()) {
      count_query(error.by);
      log_.query(exchange, error.by, clock_.steady_now() - exchange.begun);
    }
    if (first && error.code == ErrorCode::corrupt && options_.report_corrupt) {
      options_.report_corrupt(exchange.endpoint->contract->dataset, exchange.endpoint->snapshot->data->id());
    }
    refuse(std::move(responder), exchange, error, first);
  }

  // Sends the answer in the encoding that was negotiated. Compressing a large one takes its time, which
  // neither an I/O thread nor a connection of the pool has.
  void deliver(Responder responder, Exchange exchange, std::shared_ptr<const CachedAnswer> answer,
               CacheResult result, const std::shared_ptr<CancelFlag>& gone) {
    if (exchange.encoding == Encoding::identity || answer->compressed(exchange.encoding) != nullptr ||
        !worth_compressing(exchange, *answer)) {
      return send_answer(std::move(responder), exchange, *answer, result);
    }
    if (answer->prefix().size() <= kCompressInline) {
      ensure_compressed(*answer, exchange.encoding, options_.response_memory);
      if (!exchange.cache_key.empty()) cache_.grown(exchange.cache_key);
      return send_answer(std::move(responder), exchange, *answer, result);
    }
    auto pending =
        std::make_shared<std::pair<Exchange, Responder>>(std::move(exchange), std::move(responder));
    const auto send = [this, pending, answer, result] {
      send_answer(std::move(pending->second), pending->first, *answer, result);
    };
    const bool queued = compressor_.submit(
        {answer, pending->first.encoding, pending->first.fairness_class, gone, [this, pending, send] {
           if (!pending->first.cache_key.empty()) cache_.grown(pending->first.cache_key);
           send();
         }});
    if (!queued) send();
  }

  // Whether the whole body, its meta included, is over the bound.
  [[nodiscard]] bool worth_compressing(const Exchange& exchange, const CachedAnswer& answer) const {
    if (answer.prefix().size() >= kCompressFrom) return true;
    return answer.prefix().size() + meta_of(exchange, answer, CacheResult::miss, clock_.now()).size() >
           kCompressFrom;
  }

  [[nodiscard]] static std::string meta_of(const Exchange& exchange, const CachedAnswer& answer,
                                           CacheResult result, SystemTime now) {
    std::string meta;
    meta.reserve(384 + exchange.request_id.size());
    append_meta(meta, *exchange.endpoint,
                {exchange.request_id, answer.row_count(), answer.has_more(), result}, now);
    meta.push_back('}');
    return meta;
  }

  void send_answer(Responder responder, const Exchange& exchange, const CachedAnswer& answer,
                   CacheResult result) {
    const SystemTime now = clock_.now();
    std::string meta = meta_of(exchange, answer, result, now);
    Response response;
    response.status = 200;
    response.headers.reserve(384);
    response.headers.append("content-type: ").append(rows::media_type(answer.format())).append("\r\n");
    headers_.append_validators(response.headers, exchange, answer.tag(), now);
    const CachedAnswer::Compressed* compressed =
        exchange.encoding == Encoding::identity ? nullptr : answer.compressed(exchange.encoding);
    if (compressed != nullptr && answer.prefix().size() + meta.size() > kCompressFrom) {
      response.headers.append(exchange.encoding == Encoding::gzip ? "content-encoding: gzip\r\n"
                                                                  : "content-encoding: zstd\r\n");
      response.body.append(compressed->shared());
      response.body.append(close_with(exchange.encoding, *compressed, answer.prefix().size(), meta));
    } else {
      response.body.append(answer.shared_prefix());
      response.body.append(std::move(meta));
    }
    answer.count_unless_cached();
    headers_.append_common(response.headers, exchange);

    exchange.series->cache[static_cast<std::size_t>(result)]->add();
    exchange.series->rows->add(static_cast<std::uint64_t>(answer.row_count()));
    count_and_log(exchange, 200, result, answer.row_count(), response.body.size());
    std::move(responder).send(std::move(response));
  }

  void finish_not_modified(Responder responder, const Exchange& exchange, std::string_view tag,
                           SystemTime now) {
    Response response;
    response.status = 304;
    headers_.append_validators(response.headers, exchange, tag, now);
    headers_.append_common(response.headers, exchange);
    count_and_log(exchange, 304, CacheResult::hit, 0, 0);
    std::move(responder).send(std::move(response));
  }

  void finish_options(Responder responder, const Exchange& exchange, const Request& request) {
    Response response;
    response.status = 204;
    const bool preflight = exchange.has_origin && request.header("access-control-request-method").has_value();
    headers_.append_options(response.headers, exchange, preflight);
    log_access(exchange, 204, {}, 0, 0);
    std::move(responder).send(std::move(response));
  }

  void finish_healthz(Responder responder, const Exchange& exchange) {
    Response response;
    headers_.append_uncached(response.headers);
    headers_.append_common(response.headers, exchange);
    response.body.append(std::string(R"({"status":"ok"})"));
    log_access(exchange, 200, {}, 0, response.body.size());
    std::move(responder).send(std::move(response));
  }

  // What the client may read of an error. Messages of what lies beneath this module can name files.
  [[nodiscard]] static std::string_view public_message(const Error& error, int status) {
    switch (error.code) {
      case ErrorCode::corrupt:
      case ErrorCode::changed:
      case ErrorCode::unavailable:
        return "the dataset cannot be read right now";
      case ErrorCode::no_memory:
        return "the server has no memory left for this answer; ask for fewer rows, or try again later";
      default:
        return status == 500 ? std::string_view("internal error") : std::string_view(error.message);
    }
  }

  // `tell`: whether the log gets the cause, where the client does not.
  void refuse(Responder responder, const Exchange& exchange, const Error& error, bool tell = true) {
    const serving::PublicError shown = serving::to_public(error.code);
    const std::string_view message = public_message(error, shown.status);
    Response response = error_frame(exchange, shown.status, shown.family, message);
    if (shown.retry_after)
      response.headers.append(*shown.retry_after == 1 ? "retry-after: 1\r\n" : "retry-after: 5\r\n");
    if (shown.status == 401) response.headers.append("www-authenticate: Bearer\r\n");
    if (shown.status == 405) response.headers.append(ResponseHeaders::kAllow);
    const bool own_fault = error.code != ErrorCode::cancelled && error.code != ErrorCode::no_memory;
    if (tell && own_fault && message != error.message) log_.failure(exchange, error);
    count_and_log(exchange, shown.status, CacheResult::off, 0, response.body.size());
    std::move(responder).send(std::move(response));
  }

  [[nodiscard]] Response error_frame(const Exchange& exchange, int status, std::string_view family,
                                     std::string_view message) const {
    Response response;
    response.status = status;
    headers_.append_uncached(response.headers);
    headers_.append_common(response.headers, exchange);
    response.body.append(serving::error_body(family, message, exchange.request_id));
    return response;
  }

  [[nodiscard]] Exchange begin(const Request& request) {
    Exchange exchange;
    exchange.begun = clock_.steady_now();
    exchange.generation = publication_.view(request.io_thread());
    exchange.method = request.method();
    exchange.series = &metrics_.series(request.io_thread(), "_unknown");
    exchange.request_id =
        request_id_for(request.header("x-request-id"), exchange.generation->principals->anonymous());
    if (const auto origin = request.header("origin")) {
      exchange.origin = *origin;
      exchange.has_origin = true;
    }
    if (log_.wants_access()) {
      exchange.client = client_address(request, options_.trusted_proxies);
      exchange.trace_id = trace_id_of(request.header("traceparent"));
    }
    return exchange;
  }

  void count_and_log(const Exchange& exchange, int status, CacheResult result, std::int64_t rows,
                     std::size_t bytes) {
    exchange.series->by_status(status).add();
    const std::chrono::duration<double> taken = clock_.steady_now() - exchange.begun;
    exchange.series->duration[static_cast<std::size_t>(result)]->observe(taken.count());
    log_access(exchange, status, serving::name_of(result), rows, bytes);
  }

  void log_access(const Exchange& exchange, int status, std::string_view result, std::int64_t rows,
                  std::size_t bytes) {
    log_.access(exchange, {.status = status,
                           .cache = result,
                           .rows = rows,
                           .bytes = exchange.method == "HEAD" ? 0 : bytes,
                           .taken = clock_.steady_now() - exchange.begun});
  }

  serving::Publication& publication_;
  serving::Answers& answers_;
  serving::ResponseCache& cache_;
  const Clock& clock_;
  ApiOptions options_;
  RequestLog log_;
  ResponseHeaders headers_;
  EndpointMetrics metrics_;
  std::array<telemetry::Counter*, 5> auth_failures_{};  // by identity::Outcome
  telemetry::Counter* shed_pool_ = nullptr;
  telemetry::Counter* shed_starting_ = nullptr;
  telemetry::Counter* shed_memory_ = nullptr;
  std::vector<std::pair<std::string_view, telemetry::Counter*>> queries_;  // by part of the executor
  Compressor compressor_;
};

}  // namespace

std::unique_ptr<Api> Api::make(serving::Publication& publication, serving::Answers& answers,
                               serving::ResponseCache& cache, telemetry::Telemetry& telemetry,
                               const Clock& clock, std::size_t io_threads, ApiOptions options) {
  return std::make_unique<Port>(publication, answers, cache, telemetry, clock, io_threads,
                                std::move(options));
}

}  // namespace offloader::api
