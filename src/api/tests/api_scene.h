#pragma once

#include <algorithm>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "offloader/api/api.h"
#include "offloader/base/crypto.h"
#include "offloader/catalog/load.h"
#include "offloader/executor/testing/fake_executor.h"
#include "offloader/http/testing/recorded_stream.h"

// A test fixture: an API port without a socket or an engine. Requests go straight to the handler, and a query
// waits until the test answers it.
namespace offloader::api {

// A body that arrives at once, or when the test says so.
class FakeBody final : public http::RequestBody {
 public:
  explicit FakeBody(std::string text) : text_(std::move(text)) {}

  void read(std::function<void(Piece piece)> done) override {
    if (held && !given_) {
      waiting_ = std::move(done);
      return;
    }
    done(std::exchange(given_, true) ? std::string_view() : std::string_view(text_));
  }
  // Ends a wait with the text, or with an error.
  void arrive() {
    held = false;
    read(std::exchange(waiting_, nullptr));
  }
  void fail_with(ErrorCode code) { std::exchange(waiting_, nullptr)(fail(code, "the body is too large")); }

  bool held = false;

 private:
  std::string text_;
  bool given_ = false;
  std::function<void(Piece piece)> waiting_;
};

class FakeRequest final : public http::Request {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  explicit FakeRequest(std::string target, Headers headers = {}, std::string method = "GET",
                       std::string peer = "192.0.2.1")
      : method_(std::move(method)),
        target_(std::move(target)),
        headers_(std::move(headers)),
        peer_(std::move(peer)) {}

  std::string_view method() const override { return method_; }
  std::string_view target() const override { return target_; }
  std::optional<std::string_view> header(std::string_view name) const override {
    for (const auto& [known, value] : headers_) {
      if (known == name) return value;
    }
    return std::nullopt;
  }
  std::size_t header_count(std::string_view name) const override {
    return static_cast<std::size_t>(
        std::ranges::count_if(headers_, [&](const auto& header) { return header.first == name; }));
  }
  http::RequestBody* body() const override { return body_.get(); }
  std::string_view peer() const override { return peer_; }
  std::size_t io_thread() const override { return 0; }
  bool lacks_certificate() const override { return without_certificate; }
  std::shared_ptr<void>* attachment() const override { return connection; }

  bool without_certificate = false;             // on a port that requires one
  std::shared_ptr<void>* connection = nullptr;  // what the handler keeps of it

  // Gives the request a body, which the test may hold back.
  FakeBody& carry(std::string text) {
    body_ = std::make_shared<FakeBody>(std::move(text));
    return *body_;
  }

 private:
  std::string method_;
  std::string target_;
  Headers headers_;
  std::string peer_;
  std::shared_ptr<FakeBody> body_;
};

// The response to a request. `status` is 0 until there is one, and -1 if the request was abandoned.
struct FakeAnswer {
  int status = 0;
  std::string headers;
  std::string body;
  http::testing::RecordedStream stream{};  // of a streamed body

  [[nodiscard]] std::string header(const std::string& name) const {
    const std::string all = "\r\n" + headers;
    const std::size_t at = all.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const std::size_t value = at + name.size() + 4;
    return all.substr(value, all.find("\r\n", value) - value);
  }
  [[nodiscard]] bool has(std::string_view text) const { return body.find(text) != std::string::npos; }
};

class FakeSink final : public http::Responder::Sink {
 public:
  explicit FakeSink(std::shared_ptr<FakeAnswer> answer) : answer_(std::move(answer)) {}
  void send(http::Response response) override {
    answer_->status = response.status;
    answer_->headers = std::move(response.headers);
    for (const auto& piece : response.body.pieces()) answer_->body += piece.bytes();
  }
  http::BodyStream stream(http::Response head) override {
    answer_->status = head.status;
    answer_->headers = std::move(head.headers);
    return answer_->stream.stream();
  }
  void abandon() override { answer_->status = -1; }

 private:
  std::shared_ptr<FakeAnswer> answer_;
};

class FakeSnapshot final : public executor::Snapshot {
 public:
  std::uint64_t id() const override { return 1; }
  bool remote() const override { return false; }
  std::int64_t rows() const override { return 1; }
  const std::string& fingerprint() const override { return fingerprint_; }
  void retire() const override {}

 private:
  std::string fingerprint_ = "rows";
};

// Serves the endpoints `cached`, `fresh` (not cached) and `scoped` (by tenant). The first two read dataset
// `plain`, the last reads `tenants`. The key `app` may call the first two, `tenant` the last.
class ApiScene {
 public:
  using Files = std::map<std::string, std::string>;

  static std::string endpoint(const std::string& name, const std::string& dataset, const std::string& more) {
    return "name: " + name + "\nversion: 1\ndataset: " + dataset + "\n" + more +
           "params:\n  - {name: n, type: integer}\nquery:\n  select: [{as: n, column: n}]\n"
           "  filters: [{column: n, op: gte, param: n}]\ncolumns: [n]\n";
  }
  static std::string key(const std::string& id, const std::string& rest) {
    return "  - {id: " + id + ", hash: \"" + to_hex(sha256("token-" + id)) + "\", " + rest + "}\n";
  }
  static Files files() {
    return {{"offloader.yml", "version: 1\nkeys: keys.yml\n"},
            {"datasets/plain.yml", "id: plain\nmanifest: m.json\nschema:\n  - {name: n, type: BIGINT}\n"},
            {"datasets/tenants.yml",
             "id: tenants\nmanifest: m.json\ntenant_column: t\nschema:\n  - {name: n, type: BIGINT}\n"
             "  - {name: t, type: VARCHAR}\n"},
            {"endpoints/cached.yml", endpoint("cached", "plain", "cache: {policy: snapshot}\n")},
            {"endpoints/fresh.yml", endpoint("fresh", "plain", "")},
            {"endpoints/scoped.yml", endpoint("scoped", "tenants", "tenant: {column: t}\n")},
            {"keys.yml", "keys:\n" + key("app", "tenant: null, endpoints: [cached, fresh], status: active") +
                             key("tenant", "tenant: acme, endpoints: [scoped], status: active") +
                             key("old", "tenant: null, endpoints: [cached], status: revoked")}};
  }
  static Files open_files() {
    Files out = files();
    out["offloader.yml"] = "version: 1\nauth: none\n";
    for (const char* file : {"keys.yml", "endpoints/scoped.yml", "datasets/tenants.yml"}) out.erase(file);
    return out;
  }

  explicit ApiScene(ApiOptions options = {.cors_origins = {},
                                          .access_log = AccessLog::off,
                                          .trusted_proxies = {},
                                          .response_memory = nullptr,
                                          .report_corrupt = {}},
                    std::shared_ptr<identity::KeySets> key_sets = nullptr)
      : publication_(1, serving::starting_generation({}, std::move(key_sets))),
        port_(Api::make(publication_, answers_, cache_, *telemetry_, real_clock(), 1, std::move(options))) {}
  // Ends the requests that still wait, as the server does when a connection closes. Each holds `gone`, whose
  // action holds the request.
  ~ApiScene() { gone->cancel(); }
  ApiScene(const ApiScene&) = delete;
  ApiScene& operator=(const ApiScene&) = delete;

  // Publishes a project. Every dataset has a snapshot, except those in `without`.
  void serve(Files project, const std::vector<std::string>& without = {}) {
    auto loaded = catalog::load_project_files(std::move(project));
    if (!loaded.catalog) throw std::runtime_error(catalog::to_text(loaded.findings));
    std::map<std::string, serving::DatasetSnapshots, std::less<>> snapshots;
    for (const auto& [id, dataset] : loaded.catalog->datasets) {
      if (std::ranges::find(without, id) != without.end()) continue;
      auto served = std::make_shared<serving::ServedSnapshot>();
      served->snapshot_id = "s1";
      served->fingerprint = "rows of " + id;
      served->watermark = "2026-01-01T00:00:00Z";
      served->data = std::make_shared<FakeSnapshot>();
      snapshots[id].local = std::move(served);
    }
    publication_.publish(
        serving::make_generation(loaded.catalog, std::move(snapshots), publication_.latest().get()));
  }

  std::shared_ptr<FakeAnswer> ask(const FakeRequest& request) {
    auto answer = std::make_shared<FakeAnswer>();
    handle(request, http::Responder(std::make_shared<FakeSink>(answer)));
    return answer;
  }
  void handle(const FakeRequest& request, http::Responder responder) {
    requests_.push_back(request);
    requests_.back().connection = &connection_;
    port_->handle(requests_.back(), std::move(responder), gone);
  }
  // Sends a GET with this token, or without one if it is empty.
  std::shared_ptr<FakeAnswer> get(const std::string& target, const std::string& token = "token-app",
                                  FakeRequest::Headers headers = {}) {
    if (!token.empty()) headers.emplace_back("authorization", "Bearer " + token);
    return ask(FakeRequest(target, std::move(headers)));
  }

  // Sends a POST with a JSON body and this token, or without one if it is empty.
  std::shared_ptr<FakeAnswer> post(const std::string& target, const std::string& body,
                                   const std::string& token = "token-app",
                                   FakeRequest::Headers headers = {}) {
    if (!token.empty()) headers.emplace_back("authorization", "Bearer " + token);
    headers.emplace_back("content-type", "application/json");
    FakeRequest request(target, std::move(headers), "POST");
    request.carry(body);
    return ask(request);
  }

  std::uint64_t counted(const std::string& name, const telemetry::Labels& labels) {
    return telemetry_->metrics().counter(name, "", labels).value();
  }

  // Returns the sum of a histogram's observations, in seconds.
  double observed(const std::string& name, const telemetry::Labels& labels) {
    return telemetry_->metrics().histogram(name, "", labels).sum();
  }

  executor::testing::FakeExecutor executor;
  std::shared_ptr<CancelFlag> gone = std::make_shared<CancelFlag>();

 private:
  std::list<FakeRequest> requests_;   // a request is valid until its responder has been used
  std::shared_ptr<void> connection_;  // all of them come by the same one
  std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  serving::Publication publication_;
  serving::ResponseCache cache_{{}, 1};
  serving::Answers answers_{executor, cache_, sha256("key")};
  std::unique_ptr<Api> port_;
};

}  // namespace offloader::api
