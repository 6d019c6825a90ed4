#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "offloader/admin/admin.h"
#include "offloader/serving/publication.h"

// A test fixture: an admin port without a socket. Requests go straight to the handler, answers come back as
// futures, the log is read from memory, and the test sets the clock.
namespace offloader::admin {

class FakeRequest final : public http::Request {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  FakeRequest(std::string method, std::string target, Headers headers = {}, std::string peer = "192.0.2.1")
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
  std::string_view peer() const override { return peer_; }
  std::size_t io_thread() const override { return 0; }
  bool lacks_certificate() const override { return without_certificate; }

  bool without_certificate = false;  // on a port that requires one

 private:
  std::string method_;
  std::string target_;
  Headers headers_;
  std::string peer_;
};

struct FakeAnswer {
  int status = 0;
  std::string headers;
  std::string body;

  [[nodiscard]] std::string header(const std::string& name) const {
    const std::string mark = name + ": ";
    for (std::size_t at = 0; at < headers.size(); at = headers.find("\r\n", at) + 2) {
      if (headers.compare(at, mark.size(), mark) != 0) continue;
      return headers.substr(at + mark.size(), headers.find("\r\n", at) - at - mark.size());
    }
    return "";
  }
  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
};

class FakeSink final : public http::Responder::Sink {
 public:
  explicit FakeSink(std::shared_ptr<std::promise<FakeAnswer>> answer) : answer_(std::move(answer)) {}
  void send(http::Response response) override {
    FakeAnswer out{response.status, response.headers, ""};
    for (const auto& piece : response.body.pieces()) out.body += piece.bytes();
    answer_->set_value(std::move(out));
  }
  http::BodyStream stream(http::Response) override {
    throw std::logic_error("the admin port streams nothing");
  }
  void abandon() override { answer_->set_value({}); }

 private:
  std::shared_ptr<std::promise<FakeAnswer>> answer_;
};

class ManualClock final : public Clock {
 public:
  SystemTime now() const override { return SystemTime{std::chrono::hours(480'000)} + passed_.load(); }
  SteadyTime steady_now() const override { return SteadyTime{std::chrono::hours(1)} + passed_.load(); }
  void advance(std::chrono::microseconds by) { passed_ = passed_.load() + by; }

 private:
  std::atomic<std::chrono::microseconds> passed_{};
};

// Does what the test sets; by default everything succeeds at once.
class FakeOperations final : public Operations {
 public:
  std::function<Facts()> on_facts = [] { return Facts{}; };
  std::function<Result<refresh::RollbackReport>(const std::string&, bool)> on_rollback =
      [](const std::string& dataset, bool) {
        return refresh::RollbackReport{dataset, "s1", "s2", "s2"};
      };
  std::function<Result<std::string>()> on_bundle = [] { return std::string("bundle"); };
  refresh::ReloadReport reload_report;

  Facts facts() override { return on_facts(); }
  bool refresh(const std::string& dataset, std::function<void(refresh::RefreshReport)> done,
               const std::string& asked_by) override {
    {
      const std::lock_guard lock(mutex_);
      asked_by_.push_back(asked_by);
    }
    if (dataset != "orders") return false;
    refresh::RefreshReport report;
    report.dataset = dataset;
    report.status = refresh::Outcome::ok;
    done(report);
    return true;
  }
  Result<refresh::RollbackReport> rollback(const std::string& dataset, bool force,
                                           const std::string& asked_by) override {
    {
      const std::lock_guard lock(mutex_);
      asked_by_.push_back(asked_by);
    }
    return on_rollback(dataset, force);
  }
  void reload(std::function<void(refresh::ReloadReport)> done, const std::string& asked_by) override {
    {
      const std::lock_guard lock(mutex_);
      asked_by_.push_back(asked_by);
    }
    done(reload_report);
  }
  std::function<Result<usage::Report>(const usage::Question&)> on_usage = [](const usage::Question&) {
    return usage::Report{};
  };
  Result<usage::Report> usage(const usage::Question& question) override { return on_usage(question); }
  Result<std::string> support_bundle() override { return on_bundle(); }

  // Returns the request ids of the actions so far, in order.
  std::vector<std::string> asked_by() {
    const std::lock_guard lock(mutex_);
    return asked_by_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> asked_by_;
};

class AdminScene {
 public:
  explicit AdminScene(std::string token = "right", telemetry::Level level = telemetry::Level::info,
                      const audit::AuditOptions& audit_options = {})
      : log_fd_(::memfd_create("log", MFD_CLOEXEC)),
        telemetry_(*telemetry::make_telemetry({.level = level, .log_fd = log_fd_})),
        audit(*audit::Audit::start(audit_options, *telemetry_, real_clock())),
        publication_(1, serving::starting_generation()) {
    admin_ = Admin::make(publication_, operations, *telemetry_, *audit, clock,
                         {.token = std::move(token), .ready_with_any = false, .started_at = clock.now()});
  }
  ~AdminScene() {
    admin_.reset();
    audit.reset();
    telemetry_.reset();
    ::close(log_fd_);
  }

  // Sends a request; the future gets the answer.
  std::future<FakeAnswer> ask(const FakeRequest& request) {
    auto answer = std::make_shared<std::promise<FakeAnswer>>();
    auto future = answer->get_future();
    admin_->handle(request, http::Responder(std::make_shared<FakeSink>(std::move(answer))),
                   std::make_shared<CancelFlag>());
    return future;
  }

  // Sends a request with this token, or without one if it is empty, and returns the answer.
  FakeAnswer call(const std::string& method, const std::string& target, const std::string& token = "right",
                  const std::string& peer = "192.0.2.1", FakeRequest::Headers headers = {}) {
    if (!token.empty()) headers.emplace_back("authorization", "Bearer " + token);
    return ask(FakeRequest(method, target, std::move(headers), peer)).get();
  }

  // Returns the log lines so far.
  std::vector<nlohmann::json> lines() {
    telemetry_->log().flush();
    std::string text(static_cast<std::size_t>(::lseek(log_fd_, 0, SEEK_END)), '\0');
    const ssize_t count = ::pread(log_fd_, text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    std::vector<nlohmann::json> out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      out.push_back(nlohmann::json::parse(text.substr(at, end - at), nullptr, false));
      at = end + 1;
    }
    return out;
  }

  std::string metrics() { return telemetry_->metrics().exposition(); }
  Admin& admin() { return *admin_; }

  FakeOperations operations;
  ManualClock clock;

 private:
  int log_fd_;
  std::unique_ptr<telemetry::Telemetry> telemetry_;

 public:
  std::unique_ptr<audit::Audit> audit;

 private:
  serving::Publication publication_;
  std::unique_ptr<Admin> admin_;
};

}  // namespace offloader::admin
