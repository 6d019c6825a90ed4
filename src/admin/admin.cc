#include "offloader/admin/admin.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "audit_page.h"
#include "diagnostics.h"
#include "docs_response.h"
#include "endpoint_docs.h"
#include "offloader/base/identifier.h"
#include "offloader/base/request_id.h"
#include "offloader/base/worker.h"
#include "offloader/http/router.h"
#include "offloader/serving/envelope.h"
#include "openapi.h"
#include "readiness.h"
#include "reply.h"
#include "route.h"
#include "token_gate.h"
#include "usage_report.h"

namespace offloader::admin {
namespace {

using http::Request;
using http::Responder;
using http::Response;

constexpr std::size_t kActionWorkers = 4;
constexpr std::size_t kMostWaiting = 16;  // per worker pool

class Port final : public Admin {
 public:
  Port(const serving::Publication& publication, Operations& operations, telemetry::Telemetry& telemetry,
       audit::Audit& audit, const Clock& clock, AdminOptions options)
      : publication_(publication),
        operations_(operations),
        audit_(audit),
        telemetry_(telemetry),
        clock_(clock),
        options_(std::move(options)),
        gate_(options_.token, clock, telemetry.metrics()) {}

  void handle(const Request& request, Responder responder, const std::shared_ptr<CancelFlag>&) override {
    const auto match = router_.find(request.method(), request.path());
    const auto reply = std::make_shared<Reply>(
        std::move(responder),
        call_of(request, match ? match->value.label : kUnknownRoute, match ? match->captures[0] : "",
                match && match->value.access <= Access::probe),
        audit_, telemetry_.log(), clock_);
    if (request.lacks_certificate() && !(match && match->value.access == Access::health))
      return reply->refuse(401, "unauthorized", "a valid client certificate is required",
                           "www-authenticate: Bearer\r\n");
    if (!match) return reply->refuse({ErrorCode::not_found, "not found", {}});
    const bool gated = match->value.access == Access::token || match->value.access == Access::action;
    if (gated && !admit(request, reply)) return;
    if (!match->takes_method) return reply->refuse_method(match->allow);
    if (match->value.access == Access::action && !reply->admit_action()) return;
    (this->*match->value.handler)(request, match->captures[0], reply);
  }

  Response error_response(int status, std::string_view message) override {
    Call call{.request_id = request_id_for(std::nullopt, true),
              .method = {},
              .route = kUnknownRoute,
              .dataset = {},
              .client = {},
              .probe = false};
    Response response =
        json_response(status, serving::error_body(serving::family_of(status), message, call.request_id));
    http::append_header(response.headers, "x-request-id", call.request_id);
    log_request(telemetry_.log(), call, status, response.body.size(), std::chrono::nanoseconds(0));
    return response;
  }

  void drain() override { draining_.store(true); }

  bool ready() const override { return readiness().ready; }

  void set_api_port(std::uint16_t port) override { api_port_.store(port, std::memory_order_relaxed); }

 private:
  enum class Access {
    health,  // open without a client certificate too
    probe,   // like health, polled by machines
    open,
    token,
    action,  // needs the token too, and goes into the audit log
  };
  // `id` is what the path has in place of `{id}`, or empty.
  using RouteHandler = void (Port::*)(const Request& request, std::string_view id, const ReplyPtr& reply);
  struct Route {
    Access access = Access::token;
    RouteHandler handler = nullptr;
    std::string_view label = kUnknownRoute;  // for the log
  };

  // /live, /ready and /status are answered on the port's own thread. Everything that may take longer runs on
  // a worker.
  [[nodiscard]] static http::Router<Route> routes() {
    http::Router<Route> out;
    const auto add = [&out](const char* pattern, const char* methods, Access access, RouteHandler handler) {
      out.add(pattern, methods, {access, handler, pattern});
    };
    add("/live", "GET, HEAD", Access::health, &Port::answer_live);
    add("/ready", "GET, HEAD", Access::health, &Port::answer_ready);
    add("/status", "GET, HEAD", Access::probe, &Port::answer_status);
    add("/metrics", "GET, HEAD", Access::probe, &Port::answer_metrics);
    add("/docs", "GET, HEAD", Access::open, &Port::answer_docs);
    add("/schema", "GET, HEAD", Access::open, &Port::answer_schema);
    add("/openapi.json", "GET, HEAD", Access::open, &Port::answer_openapi);
    add("/diagnostics", "GET, HEAD", Access::token, &Port::answer_diagnostics);
    add("/usage", "GET, HEAD", Access::token, &Port::answer_usage);
    add("/audit", "GET, HEAD", Access::token, &Port::answer_audit);
    add("/support-bundle", "GET, HEAD", Access::action, &Port::answer_bundle);
    add("/config/reload", "POST", Access::action, &Port::answer_reload);
    add("/datasets/{id}/refresh", "POST", Access::action, &Port::refresh);
    add("/datasets/{id}/rollback", "POST", Access::action, &Port::rollback);
    out.add("/datasets/{others...}", "POST", {Access::token, &Port::answer_not_found, kUnknownRoute});
    return out;
  }

  void answer_live(const Request&, std::string_view, const ReplyPtr& reply) {
    reply->send(json_response(200, R"({"status":"ok"})"));
  }
  void answer_ready(const Request&, std::string_view, const ReplyPtr& reply) {
    reply->send(ready_response());
  }
  void answer_status(const Request&, std::string_view, const ReplyPtr& reply) { reply->send(status()); }
  void answer_metrics(const Request&, std::string_view, const ReplyPtr& reply) {
    run_on(scrapes_, reply, [this] { return metrics(); });
  }
  void answer_docs(const Request& request, std::string_view, const ReplyPtr& reply) {
    run_on(pages_, reply, [this, html = wants_html(request)] {
      return docs_response(*publication_.latest(), api_url(), html);
    });
  }
  void answer_schema(const Request&, std::string_view, const ReplyPtr& reply) {
    run_on(pages_, reply, [this] { return json_response(200, schema_json(*publication_.latest()).dump()); });
  }
  void answer_openapi(const Request&, std::string_view, const ReplyPtr& reply) {
    run_on(pages_, reply,
           [this] { return json_response(200, openapi_json(*publication_.latest(), api_url()).dump()); });
  }
  void answer_diagnostics(const Request&, std::string_view, const ReplyPtr& reply) {
    run_on(diagnostics_, reply, [this] {
      Facts facts = operations_.facts();
      facts.ready = readiness().ready;
      return json_response(200, diagnostics_json(facts));
    });
  }
  void answer_audit(const Request& request, std::string_view, const ReplyPtr& reply) {
    auto query = read_audit_query(request.query());
    if (!query) return reply->refuse(query.error());
    run_on(diagnostics_, reply,
           [this, query = std::move(*query)] { return json_response(200, audit_page(audit_, query)); });
  }
  void answer_usage(const Request& request, std::string_view, const ReplyPtr& reply) {
    run_on(diagnostics_, reply,
           [this, asked = read_usage_query(request.query(), request.header("accept"), clock_.now())](
               const ReplyPtr& to) { send_usage(asked, operations_, *publication_.latest()->catalog, *to); });
  }
  void answer_bundle(const Request&, std::string_view, const ReplyPtr& reply) {
    run_on(bundles_, reply, [this](const ReplyPtr& to) { bundle(to); });
  }
  void answer_reload(const Request&, std::string_view, const ReplyPtr& reply) {
    run_on(actions_, reply, [this](const ReplyPtr& to) { reload(to); });
  }
  void answer_not_found(const Request&, std::string_view, const ReplyPtr& reply) {
    reply->refuse({ErrorCode::not_found, "not found", {}});
  }

  [[nodiscard]] static bool wants_html(const Request& request) {
    return request.header("accept").value_or(std::string_view{}).find("text/html") != std::string_view::npos;
  }

  // The URL of the API port in snippets and in the specification. It is on this machine, because only the
  // operator knows the name by which callers reach it.
  [[nodiscard]] std::string api_url() const {
    return (options_.api_tls ? "https://localhost:" : "http://localhost:") +
           std::to_string(api_port_.load(std::memory_order_relaxed));
  }

  // Returns whether the request may use the gated routes; if not, answers it.
  [[nodiscard]] bool admit(const Request& request, const ReplyPtr& reply) {
    const TokenGate::Decision decision = gate_.decide(request);
    switch (decision.verdict) {
      case TokenGate::Verdict::accepted:
        return true;
      case TokenGate::Verdict::disabled:
        reply->refuse(403, "disabled", "set OFFLOADER_ADMIN_TOKEN to enable this route");
        return false;
      case TokenGate::Verdict::refused:
        reply->refuse(401, "unauthorized", "the admin token is required", "www-authenticate: Bearer\r\n");
        return false;
      case TokenGate::Verdict::limited:
        reply->refuse(429, "rate_limited", "too many wrong admin tokens from this address",
                      "retry-after: " + std::to_string(decision.retry_after.count()) + "\r\n");
        return false;
    }
    return false;
  }

  void rollback(const Request& request, std::string_view id, const ReplyPtr& reply) {
    // Do not pass on a name that cannot be the id of a dataset.
    if (!is_identifier(id)) return answer_not_found(request, id, reply);
    const auto force = only_flag(request.query(), "force", false);
    if (!force) {
      return reply->refuse(
          {ErrorCode::invalid_param, "the only param is force, which must be true or false", {}});
    }
    run_on(actions_, reply, [this, dataset = std::string(id), force = *force](const ReplyPtr& to) {
      const auto report = operations_.rollback(dataset, force, to->request_id());
      to->log_action(force ? "rollback, forced" : "rollback", report ? "ok" : name_of(report.error().code));
      if (!report) return to->refuse(report.error());
      to->send(json_response(200, to_json(*report)));
    });
  }

  // The refresher may merge several requests into one refresh. A waiting caller gets the report of the
  // refresh that served its request.
  void refresh(const Request& request, std::string_view id, const ReplyPtr& reply) {
    // Do not pass on a name that cannot be the id of a dataset.
    if (!is_identifier(id)) return answer_not_found(request, id, reply);
    const auto wait = only_flag(request.query(), "wait", true);
    if (!wait) {
      return reply->refuse(
          {ErrorCode::invalid_param, "the only param is wait, which must be true or false", {}});
    }
    run_on(actions_, reply, [this, dataset = std::string(id), wait = *wait](const ReplyPtr& to) {
      const bool known = operations_.refresh(
          dataset,
          [to, wait](const refresh::RefreshReport& report) {
            to->log_action("refresh", refresh::name_of(report.status));
            if (wait) to->send(json_response(200, to_json(report)));
          },
          to->request_id());
      if (!known) {
        to->log_action("refresh", "not_found");
        return to->refuse({ErrorCode::not_found, "no such dataset", {}});
      }
      const Json accepted = {{"dataset", dataset}, {"status", "accepted"}};
      if (!wait) to->send(json_response(202, accepted.dump()));
    });
  }

  void reload(const ReplyPtr& reply) {
    operations_.reload(
        [reply](const refresh::ReloadReport& report) {
          const bool refused = report.result == refresh::ReloadReport::Result::error;
          const bool applied = report.result == refresh::ReloadReport::Result::applied;
          reply->log_action("reload", refused ? "invalid_config" : applied ? "applied" : "unchanged");
          reply->send(refused ? json_response(422, invalid_config_body(report, reply->request_id()))
                              : json_response(200, to_json(report)));
        },
        reply->request_id());
  }

  void bundle(const ReplyPtr& reply) const {
    auto bytes = operations_.support_bundle();
    reply->log_action("support-bundle", bytes ? "ok" : name_of(bytes.error().code));
    if (!bytes) return reply->refuse(bytes.error());
    Response response;
    response.headers.append(
        "content-type: application/gzip\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n"
        "content-disposition: attachment; filename=\"offloader-support-bundle.tar.gz\"\r\n");
    response.body.append(std::move(*bytes));
    reply->send(std::move(response));
  }

  // The first task starts the threads. If a task drops its reply, e.g. by throwing, the reply answers 500.
  [[nodiscard]] Worker::Options worker(std::string name, std::size_t threads = 1) {
    return {.name = std::move(name),
            .threads = threads,
            .most_waiting = kMostWaiting,
            .report = [this](std::string_view what) {
              telemetry_.log().error("an admin request failed with an exception", {{"detail", what}});
            }};
  }

  static void run_on(Worker& worker, const ReplyPtr& reply, std::function<void(const ReplyPtr&)> work) {
    if (!worker.submit([reply, work = std::move(work)] { work(reply); }))
      reply->refuse({ErrorCode::busy, "too many requests at once", {}});
  }

  static void run_on(Worker& worker, const ReplyPtr& reply, std::function<Response()> work) {
    run_on(worker, reply, [work = std::move(work)](const ReplyPtr& to) { to->send(work()); });
  }

  [[nodiscard]] Readiness readiness() const {
    return readiness_of(*publication_.latest(), options_.ready_with_any, draining_.load());
  }

  [[nodiscard]] Response ready_response() const {
    const Readiness now = readiness();
    return json_response(now.ready ? 200 : 503, to_json(now));
  }

  [[nodiscard]] Response status() const {
    const auto uptime = std::chrono::floor<std::chrono::seconds>(clock_.now() - options_.started_at);
    return json_response(200, status_json(readiness().ready, uptime));
  }

  [[nodiscard]] Response metrics() const {
    Response response;
    response.headers.append(
        "content-type: text/plain; version=0.0.4; charset=utf-8\r\nx-content-type-options: nosniff\r\n");
    response.body.append(telemetry_.metrics().exposition());
    return response;
  }

  const serving::Publication& publication_;
  Operations& operations_;
  audit::Audit& audit_;
  telemetry::Telemetry& telemetry_;
  const Clock& clock_;
  AdminOptions options_;
  TokenGate gate_;
  const http::Router<Route> router_ = routes();
  std::atomic<bool> draining_{false};
  std::atomic<std::uint16_t> api_port_{4000};
  // Last, because their tasks use everything above. The pools are separate, so that neither a scrape nor an
  // action waits while a bundle is packed or the cache folder is walked. Actions have several threads,
  // because a rollback may block.
  Worker scrapes_{worker("admin-scrapes")};
  Worker pages_{worker("admin-pages")};
  Worker diagnostics_{worker("admin-diagnose")};
  Worker bundles_{worker("admin-bundles")};
  Worker actions_{worker("admin-actions", kActionWorkers)};
};

}  // namespace

std::unique_ptr<Admin> Admin::make(const serving::Publication& publication, Operations& operations,
                                   telemetry::Telemetry& telemetry, audit::Audit& audit, const Clock& clock,
                                   AdminOptions options) {
  return std::make_unique<Port>(publication, operations, telemetry, audit, clock, std::move(options));
}

}  // namespace offloader::admin
