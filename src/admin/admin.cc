#include "offloader/admin/admin.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "diagnostics.h"
#include "docs_page.h"
#include "endpoint_docs.h"
#include "offloader/base/crypto.h"
#include "offloader/base/json_text.h"
#include "offloader/serving/envelope.h"
#include "openapi.h"
#include "readiness.h"
#include "worker.h"

namespace offloader::admin {
namespace {

using http::Request;
using http::Responder;
using http::Response;

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.append(
      "content-type: application/json\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n");
  response.body.append(std::move(body));
  return response;
}

class Port final : public Admin {
 public:
  Port(const serving::Publication& publication, Operations& operations, telemetry::Telemetry& telemetry,
       const Clock& clock, AdminOptions options)
      : publication_(publication),
        operations_(operations),
        telemetry_(telemetry),
        clock_(clock),
        options_(std::move(options)) {}

  void handle(const Request& request, Responder responder, const std::shared_ptr<CancelFlag>&) override {
    const std::string_view path = request.path();
    if (is_gated(path)) return answer_gated(request, path, std::move(responder));
    const bool reads = request.method() == "GET" || request.method() == "HEAD";
    if (is_open(path) && !reads) return std::move(responder).send(wrong_method("GET, HEAD"));
    // Probes are answered here, at once; what takes longer than they may wait is made by another thread.
    if (path == "/live") return std::move(responder).send(json_response(200, R"({"status":"ok"})"));
    if (path == "/ready") return std::move(responder).send(ready_response());
    if (path == "/status") return std::move(responder).send(status());
    if (path == "/metrics") return run_on(scrapes_, std::move(responder), [this] { return metrics(); });
    if (path == "/docs") {
      const bool html = wants_html(request);
      return run_on(pages_, std::move(responder), [this, html] { return docs(html); });
    }
    if (path == "/schema") {
      return run_on(pages_, std::move(responder),
                    [this] { return json_response(200, schema_json(*publication_.latest()).dump()); });
    }
    if (path == "/openapi.json") {
      return run_on(pages_, std::move(responder), [this] {
        return json_response(200, openapi_json(*publication_.latest(), api_url()).dump());
      });
    }
    std::move(responder).send(refuse({ErrorCode::not_found, "not found", {}}));
  }

  Response error_response(int status, std::string_view message) override {
    const std::string_view family = status == 503 ? "not_ready" : status >= 500 ? "internal" : "bad_request";
    return json_response(status, serving::error_body(family, message, random_hex(16)));
  }

  void drain() override { draining_.store(true); }

  bool ready() const override { return readiness().ready; }

  void set_api_port(std::uint16_t port) override { api_port_.store(port, std::memory_order_relaxed); }

 private:
  [[nodiscard]] static bool is_open(std::string_view path) {
    for (const char* known :
         {"/live", "/ready", "/status", "/metrics", "/docs", "/schema", "/openapi.json"}) {
      if (path == known) return true;
    }
    return false;
  }

  [[nodiscard]] static bool wants_html(const Request& request) {
    return request.header("accept").value_or(std::string_view{}).find("text/html") != std::string_view::npos;
  }

  // Where snippets and the specification say that the API port is: on this machine. Nobody but the operator
  // knows by which name the callers reach it.
  [[nodiscard]] std::string api_url() const {
    return "http://localhost:" + std::to_string(api_port_.load(std::memory_order_relaxed));
  }

  [[nodiscard]] Response docs(bool html) const {
    const Json catalog = docs_json(*publication_.latest(), api_url());
    Response response;
    if (html) {
      const std::string nonce = random_hex(16);
      response.headers.append(
          "content-type: text/html; charset=utf-8\r\ncache-control: no-store\r\n"
          "x-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n");
      http::append_header(
          response.headers, "content-security-policy",
          "default-src 'none'; style-src 'nonce-" + nonce + "'; script-src 'nonce-" + nonce +
              "'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
      response.body.append(docs_page(catalog, nonce));
    } else {
      response = json_response(200, catalog.dump());
    }
    response.headers.append("vary: Accept\r\n");
    return response;
  }

  // The routes that need the token (admin-api.md).
  [[nodiscard]] static bool is_gated(std::string_view path) {
    return path == "/diagnostics" || path == "/support-bundle" || path == "/config/reload" ||
           path.starts_with("/datasets/");
  }

  [[nodiscard]] std::optional<Error> deny(const Request& request) const {
    if (options_.token.empty()) {
      return Error{ErrorCode::not_ready, "set OFFLOADER_ADMIN_TOKEN to open this route", {}};
    }
    const std::string wanted = "Bearer " + options_.token;
    const std::string_view sent = request.header("authorization").value_or(std::string_view{});
    // Hashed first, so that the time tells nothing of the length either.
    const Sha256 a = sha256(wanted);
    const Sha256 b = sha256(sent);
    if (request.header_count("authorization") > 1)
      return Error{ErrorCode::unauthorized, "the admin token is required", {}};
    const auto view = [](const Sha256& digest) {
      return std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size());
    };
    if (equal_in_constant_time(view(a), view(b))) return std::nullopt;
    return Error{ErrorCode::unauthorized, "the admin token is required", {}};
  }

  void answer_gated(const Request& request, std::string_view path, Responder responder) {
    if (const auto denied = deny(request)) return std::move(responder).send(refuse(*denied));
    const bool reads = request.method() == "GET" || request.method() == "HEAD";
    const bool posts = request.method() == "POST";
    if (path == "/diagnostics") {
      if (!reads) return std::move(responder).send(wrong_method("GET, HEAD"));
      return run_on(actions_, std::move(responder), [this] {
        Facts facts = operations_.facts();
        facts.ready = readiness().ready;
        return json_response(200, diagnostics_json(facts));
      });
    }
    if (path == "/support-bundle") {
      if (!reads) return std::move(responder).send(wrong_method("GET, HEAD"));
      return run_on(actions_, std::move(responder), [this] { return bundle(); });
    }
    if (!posts) return std::move(responder).send(wrong_method("POST"));
    if (path == "/config/reload") return reload(std::move(responder));
    answer_dataset(path, request.query(), std::move(responder));
  }

  // POST /datasets/{id}/refresh and …/rollback.
  void answer_dataset(std::string_view path, std::string_view query, Responder responder) {
    path.remove_prefix(std::string_view("/datasets/").size());
    const auto slash = path.find('/');
    const std::string dataset(path.substr(0, slash));
    const std::string_view action =
        slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    if (action == "rollback") {
      return run_on(actions_, std::move(responder), [this, dataset] {
        const auto report = operations_.rollback(dataset);
        return report ? json_response(200, to_json(*report)) : refuse(report.error());
      });
    }
    if (action != "refresh")
      return std::move(responder).send(refuse({ErrorCode::not_found, "not found", {}}));
    if (!query.empty() && query != "wait=false" && query != "wait=true") {
      return std::move(responder).send(
          refuse({ErrorCode::invalid_param, "the one param is wait, and takes true or false", {}}));
    }
    refresh(dataset, query != "wait=false", std::move(responder));
  }

  // The refresher decides how many of these come to one refresh; whoever waits hears of the one that he gets.
  void refresh(const std::string& dataset, bool wait, Responder responder) {
    const auto waiting = std::make_shared<Responder>(std::move(responder));
    const auto unknown = [] { return refuse({ErrorCode::not_found, "no such dataset", {}}); };
    const bool queued = actions_.submit([this, dataset, wait, waiting, unknown] {
      if (!wait) {
        const bool known = operations_.refresh(dataset, [](const refresh::RefreshReport&) {});
        const Json accepted = {{"dataset", dataset}, {"status", "accepted"}};
        return std::move(*waiting).send(known ? json_response(202, accepted.dump()) : unknown());
      }
      const bool known = operations_.refresh(dataset, [waiting](const refresh::RefreshReport& report) {
        std::move(*waiting).send(json_response(200, to_json(report)));
      });
      if (!known) std::move(*waiting).send(unknown());
    });
    if (!queued) std::move(*waiting).send(busy());
  }

  void reload(Responder responder) {
    const auto waiting = std::make_shared<Responder>(std::move(responder));
    const bool queued = actions_.submit([this, waiting] {
      operations_.reload([waiting](const refresh::ReloadReport& report) {
        const bool refused = report.result == refresh::ReloadReport::Result::error;
        std::move(*waiting).send(refused ? json_response(422, invalid_config_body(report, random_hex(16)))
                                         : json_response(200, to_json(report)));
      });
    });
    if (!queued) std::move(*waiting).send(busy());
  }

  [[nodiscard]] Response bundle() const {
    auto bytes = operations_.support_bundle();
    if (!bytes) return refuse(bytes.error());
    Response response;
    response.headers.append(
        "content-type: application/gzip\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n"
        "content-disposition: attachment; filename=\"offloader-support-bundle.tar.gz\"\r\n");
    response.body.append(std::move(*bytes));
    return response;
  }

  static void run_on(Worker& worker, Responder responder, std::function<Response()> work) {
    const auto waiting = std::make_shared<Responder>(std::move(responder));
    const bool queued =
        worker.submit([waiting, work = std::move(work)] { std::move(*waiting).send(work()); });
    if (!queued) std::move(*waiting).send(busy());
  }

  [[nodiscard]] static Response busy() { return refuse({ErrorCode::busy, "too many requests at once", {}}); }

  [[nodiscard]] Readiness readiness() const {
    return readiness_of(*publication_.latest(), options_.ready_with_any, draining_.load());
  }

  [[nodiscard]] Response ready_response() const {
    const Readiness now = readiness();
    return json_response(now.ready ? 200 : 503, to_json(now));
  }

  [[nodiscard]] Response status() const {
    std::string body(R"({"status":"ok","service":"offloader","version":)");
    json::append_string(body, OFFLOADER_VERSION);
    body.append(R"(,"ready":)");
    json::append_bool(body, readiness().ready);
    body.append(R"(,"uptime_seconds":)");
    json::append_int(body,
                     std::chrono::floor<std::chrono::seconds>(clock_.now() - options_.started_at).count());
    body.push_back('}');
    return json_response(200, std::move(body));
  }

  [[nodiscard]] Response metrics() const {
    Response response;
    response.headers.append(
        "content-type: text/plain; version=0.0.4; charset=utf-8\r\nx-content-type-options: nosniff\r\n");
    response.body.append(telemetry_.metrics().exposition());
    return response;
  }

  [[nodiscard]] static Response refuse(const Error& error) {
    const serving::PublicError shown = serving::to_public(error.code);
    Response response =
        json_response(shown.status, serving::error_body(shown.family, error.message, random_hex(16)));
    if (shown.status == 401) response.headers.append("www-authenticate: Bearer\r\n");
    if (error.code == ErrorCode::busy) response.headers.append("retry-after: 1\r\n");
    return response;
  }

  [[nodiscard]] static Response wrong_method(std::string_view allow) {
    Response response = refuse({ErrorCode::method_not_allowed, "method not allowed", {}});
    http::append_header(response.headers, "allow", allow);
    return response;
  }

  const serving::Publication& publication_;
  Operations& operations_;
  telemetry::Telemetry& telemetry_;
  const Clock& clock_;
  AdminOptions options_;
  std::atomic<bool> draining_{false};
  std::atomic<std::uint16_t> api_port_{4000};
  // Last: their tasks use all of the above. Apart, so that a scrape does not wait for a support bundle.
  Worker scrapes_;
  Worker pages_;
  Worker actions_;
};

}  // namespace

std::unique_ptr<Admin> Admin::make(const serving::Publication& publication, Operations& operations,
                                   telemetry::Telemetry& telemetry, const Clock& clock,
                                   AdminOptions options) {
  return std::make_unique<Port>(publication, operations, telemetry, clock, std::move(options));
}

}  // namespace offloader::admin
