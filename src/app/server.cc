#include "offloader/app/server.h"

#include <thread>

#include "audit_changes.h"
#include "issuer_keys.h"
#include "key_expiry.h"
#include "module_options.h"
#include "offloader/admin/admin.h"
#include "offloader/api/api.h"
#include "offloader/app/store_options.h"
#include "offloader/audit/audit.h"
#include "offloader/base/file.h"
#include "offloader/base/thread.h"
#include "offloader/base/worker.h"
#include "offloader/catalog/load.h"
#include "offloader/duckdb/answer_writers.h"
#include "offloader/http/server.h"
#include "offloader/limits/limiter.h"
#include "offloader/local_executor/local_executor.h"
#include "offloader/object_store/object_store.h"
#include "offloader/refresh/refresher.h"
#include "offloader/serving/answers.h"
#include "offloader/serving/publication.h"
#include "offloader/serving/response_cache.h"
#include "offloader/snapshot_cache/cache_folder.h"
#include "offloader/telemetry/telemetry.h"
#include "offloader/usage/ledger.h"
#include "operations.h"
#include "outdated_answers.h"
#include "port_certificates.h"
#include "project_start.h"
#include "server_metrics.h"
#include "sharing.h"
#include "usage_ledger.h"

namespace offloader::app {
namespace {

constexpr std::chrono::seconds kFinishRequests{10};  // snapshots.md, "Shutdown"

// Members are declared in the order in which they are built and destroyed in reverse order, so nothing
// outlives what it uses.
class Composed final : public Server {
 public:
  Composed(const settings::Settings& settings, std::unique_ptr<telemetry::Telemetry> telemetry,
           std::unique_ptr<audit::Audit> audit, std::shared_ptr<object_store::ObjectStore> store,
           std::unique_ptr<executor::Executor> executor, std::shared_ptr<ByteBudget> response_memory,
           PortCertificates certificates)
      : settings_(settings),
        telemetry_(std::move(telemetry)),
        certificates_(std::move(certificates)),
        audit_(std::move(audit)),
        store_(std::move(store)),
        executor_(std::move(executor)),
        response_memory_(std::move(response_memory)),
        key_sets_(make_key_sets(settings, *telemetry_)),
        publication_(settings.io_threads, serving::starting_generation(etag_key(settings), key_sets_)),
        cache_({settings.cache_max_entries, settings.cache_max_bytes}, settings.io_threads),
        limiter_({.default_rate = settings.default_rate, .replicas = settings.replicas}, real_clock()),
        answers_(*executor_, cache_, etag_key(settings), response_memory_,
                 std::make_shared<duckdb::AnswerWriters>(parquet_options(settings))) {}

  ~Composed() override {
    shut_down([] { return true; });
    api_.reset();  // its compressor may still post to the stopped server
  }

  Result<void> begin(snapshot_cache::CacheFolder folder, std::unique_ptr<refresh::ProjectSource> source,
                     refresh::StartedProject started, const CancelFlag* stop) {
    catalog::LoadedProject& project = started.project;
    project_root_ = project.root;
    const auto starting = publication_.latest();
    publication_.publish(serving::make_generation(project.catalog, {}, starting.get()));
    record_changes(*audit_, real_clock().now(), *starting, *publication_.latest());
    auto ledger = open_usage_ledger(settings_, *publication_.latest()->catalog, limiter_, *telemetry_);
    if (!ledger) return fail(ledger.error());
    ledger_ = std::move(*ledger);
    const BuildPlan builds = share_build_memory(settings_, telemetry_->log());
    refresher_ = std::make_unique<refresh::Refresher>(
        *executor_, *store_, publication_, *telemetry_, real_clock(), std::move(folder), std::move(source),
        std::move(project),
        refresh::RefresherOptions{
            .refresh_interval = settings_.refresh_interval,
            .concurrency = builds.at_once,
            .suspended_builds = builds.suspended,
            .config_sync_interval = settings_.config_sync_interval,
            .stale_project = started.stale,
            .jitter = {},
            .free_bytes = {},
            .start_cancelled = stop,
            .published = [this](const serving::Generation& before, const serving::Generation& after) {
              record_changes(*audit_, real_clock().now(), before, after);
            }});
    if (auto opened = open_ports(); !opened) return opened;
    if (auto fetching = key_sets_->start(); !fetching) return fetching;
    return refresher_->start();
  }

  std::uint16_t api_port() const override { return api_server_->port(); }
  std::uint16_t admin_port() const override { return admin_server_->port(); }

  std::shared_ptr<const catalog::Catalog> project() const override { return publication_.latest()->catalog; }

  bool ready() const override {
    const auto generation = publication_.latest();
    return generation->number != 0 && generation->waiting().empty();
  }

  void reload() override {
    audit_->reopen();
    certificates_.reread_all(telemetry_->log());
    refresher_->reload([this](const refresh::ReloadReport& report) {
      record_reload_by_signal(*audit_, real_clock().now(), report);
    });
  }

  void reread_certificates() override { certificates_.reread_changed(telemetry_->log()); }
  bool has_certificates() const override { return certificates_.any(); }
  bool api_has_tls() const override { return certificates_.api() != nullptr; }
  bool admin_has_tls() const override { return certificates_.admin() != nullptr; }

  Result<refresh::RefreshReport> refresh_and_wait(const std::string& dataset) override {
    return refresher_->refresh_and_wait(dataset);
  }
  refresh::RefreshStatus refresh_status() const override { return refresher_->status(); }

  void shut_down(const std::function<bool()>& hurry) override {
    if (down_) return;
    down_ = true;
    // Do this first: from now on a second signal may end the process at any moment, which must not count as a
    // build that died.
    if (refresher_) refresher_->expect_stop();
    if (admin_) admin_->drain();
    if (api_server_) api_server_->drain();
    if (admin_server_) admin_server_->drain();  // keeps accepting, so that probes work until the end
    const auto until = std::chrono::steady_clock::now() + settings_.drain;
    while (!hurry() && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (api_server_) api_server_->stop(kFinishRequests);
    key_sets_->stop();
    if (ledger_) ledger_->stop();
    damage_.stop();
    if (refresher_) refresher_->stop();
    executor_->stop();
    if (admin_server_) admin_server_->stop(std::chrono::seconds(1));
    audit_->stop();
    telemetry_->log().info("stopped");
    telemetry_->log().flush();
  }

 private:
  Result<void> open_ports() {
    const DescriptorPlan descriptors =
        share_descriptors(settings_, publication_.latest()->catalog->datasets.size(), telemetry_->log());
    http::Limits admin_limits;
    admin_limits.max_connections = descriptors.admin_connections;
    const SystemTime now = real_clock().now();
    operations_ = std::make_unique<ServerOperations>(
        ServerOperations::Parts{*executor_,
                                *refresher_,
                                publication_,
                                cache_,
                                settings_.cache_dir,
                                now,
                                project_root_,
                                {settings_.secret_key_base, settings_.admin_token},
                                *telemetry_,
                                [this] { return admin_->ready(); },
                                ledger_.get()});
    admin_ = admin::Admin::make(
        publication_, *operations_, *telemetry_, *audit_, real_clock(),
        {settings_.admin_token, settings_.readiness == settings::Readiness::any, now, api_has_tls()});
    metrics_ =
        expose_server_metrics(telemetry_->metrics(), *executor_, publication_, cache_, *response_memory_,
                              settings_.cache_dir, [this] { return admin_->ready(); });
    key_metrics_ = expose_key_expiry(telemetry_->metrics(), publication_, real_clock());
    issuer_metrics_ = expose_issuer_metrics(telemetry_->metrics(), publication_, *key_sets_);
    certificate_metric_ = certificates_.expose(telemetry_->metrics());
    certificates_.warn_of_expiry(telemetry_->log());
    auto admin_server = http::Server::start(
        {.name = "admin",
         .bind = settings_.admin_bind,
         .port = settings_.admin_port,
         .threads = 1,
         .limits = admin_limits,
         .tls = certificates_.admin(),
         .remedy = "change OFFLOADER_ADMIN_PORT or OFFLOADER_ADMIN_BIND"},
        [this](const http::Request& request, http::Responder responder,
               const std::shared_ptr<CancelFlag>& gone) {
          admin_->handle(request, std::move(responder), gone);
        },
        [this](int status, std::string_view message) { return admin_->error_response(status, message); },
        *telemetry_);
    if (!admin_server) return fail(admin_server.error());
    admin_server_ = std::move(*admin_server);

    api::ApiOptions options = api_options(settings_);
    options.response_memory = response_memory_;
    options.read_audit = settings_.audit_reads ? audit_.get() : nullptr;
    options.cursor_seal = std::make_shared<const Seal>(settings_.secret_key_base, "cursor");
    options.post = [this](std::size_t io_thread, std::function<void()> task) {
      api_server_->post(io_thread, std::move(task));
    };
    options.limiter = &limiter_;
    options.ledger = ledger_.get();
    options.report_corrupt = [this](const std::string& dataset, std::uint64_t snapshot) {
      // Called on an I/O thread, which must not wait for the disk. If the queue is full, the report is
      // dropped; a later query will find the damage again.
      static_cast<void>(
          damage_.submit([this, dataset, snapshot] { refresher_->report_corrupt(dataset, snapshot); }));
    };
    api_ = api::Api::make(publication_, answers_, cache_, *telemetry_, real_clock(), settings_.io_threads,
                          std::move(options));
    http::Limits limits;
    limits.max_connections = descriptors.api_connections;
    limits.max_descriptor = descriptors.api_ceiling;
    auto api_server = http::Server::start(
        {.name = "api",
         .bind = settings_.api_bind,
         .port = settings_.api_port,
         .threads = settings_.io_threads,
         .limits = limits,
         .tls = certificates_.api(),
         .reads_body = [this](const http::Request& request) { return api_->reads_body(request); },
         .remedy = "change OFFLOADER_API_PORT or OFFLOADER_API_BIND"},
        [this](const http::Request& request, http::Responder responder,
               const std::shared_ptr<CancelFlag>& gone) {
          api_->handle(request, std::move(responder), gone);
        },
        [this](int status, std::string_view message) { return api_->error_response(status, message); },
        *telemetry_);
    if (!api_server) return fail(api_server.error());
    api_server_ = std::move(*api_server);
    admin_->set_api_port(api_server_->port());
    telemetry_->log().info("listening", {{"api_port", api_server_->port()},
                                         {"admin_port", admin_server_->port()},
                                         {"version", OFFLOADER_VERSION}});
    const auto sweep_readers = [this] {
      for (std::size_t i = 0; i < settings_.io_threads; ++i) {
        api_server_->post(i, [this, i] {
          static_cast<void>(publication_.view(i));
          cache_.sweep(i);
        });
      }
    };
    cache_.set_nudge(sweep_readers);
    publication_.set_nudge([this, sweep_readers] {
      drop_outdated(cache_, *publication_.latest());
      sweep_readers();
    });
    return {};
  }

  static Sha256 etag_key(const settings::Settings& settings) {
    return derive_key(settings.secret_key_base, "offloader etag v1");
  }

  settings::Settings settings_;
  std::unique_ptr<telemetry::Telemetry> telemetry_;
  PortCertificates certificates_;
  std::unique_ptr<audit::Audit> audit_;
  std::shared_ptr<object_store::ObjectStore> store_;
  std::unique_ptr<executor::Executor> executor_;
  std::shared_ptr<ByteBudget> response_memory_;
  std::shared_ptr<identity::KeySets> key_sets_;
  serving::Publication publication_;
  serving::ResponseCache cache_;
  limits::Limiter limiter_;
  std::unique_ptr<usage::Ledger> ledger_;  // null: off
  serving::Answers answers_;
  std::unique_ptr<refresh::Refresher> refresher_;
  Worker damage_{{.name = "damaged-files", .most_waiting = 64, .report = [this](std::string_view what) {
                    telemetry_->log().error("cannot set aside a damaged file", {{"detail", what}});
                  }}};
  std::unique_ptr<ServerOperations> operations_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<admin::Admin> admin_;
  std::unique_ptr<http::Server> admin_server_;
  std::unique_ptr<http::Server> api_server_;
  std::shared_ptr<void> metrics_;
  std::shared_ptr<void> issuer_metrics_;
  std::shared_ptr<void> key_metrics_;
  std::shared_ptr<void> certificate_metric_;
  std::filesystem::path project_root_;
  bool down_ = false;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const settings::Settings& settings, CancelFlag* stop) try {
  restrict_new_files();
  auto made = telemetry::make_telemetry(telemetry_options(settings));
  if (!made) return fail(made.error());
  auto telemetry = std::move(*made);
  auto certificates = PortCertificates::load(settings);
  if (!certificates) return fail(std::move(certificates.error()));
  auto store = object_store::make_object_store(
      store_options(settings.stores, settings::process_environment().get), *telemetry);
  const bool in_bucket = refresh::is_bucket_url(settings.config);
  std::optional<snapshot_cache::CacheFolder> folder;
  const auto open_folder = [&]() -> Result<void> {
    auto opened = snapshot_cache::CacheFolder::open(settings.cache_dir);
    if (!opened) return fail(opened.error());
    folder.emplace(std::move(*opened));
    return {};
  };
  // A project in a bucket is fetched into the cache folder, so open that first. Otherwise report errors in
  // the project before touching the folder.
  if (in_bucket) {
    if (auto opened = open_folder(); !opened) return fail(opened.error());
  }
  auto source = in_bucket ? refresh::make_bucket_project(settings.config, store, folder->config())
                          : refresh::make_local_project(settings.config);
  auto project = load_project(*source, *telemetry, stop);
  if (!project) return fail(project.error());
  if (!project->project.catalog)
    return fail(ErrorCode::invalid_config, catalog::to_text(project->project.findings));
  for (const catalog::Finding& finding : project->project.findings) {
    telemetry->log().warning("project warning", {{"code", std::string_view(finding.code)},
                                                 {"file", std::string_view(finding.file)},
                                                 {"message_text", std::string_view(finding.message)}});
  }
  if (!folder) {
    if (auto opened = open_folder(); !opened) return fail(opened.error());
  }
  auto audit = audit::Audit::start(audit_options(settings), *telemetry, real_clock());
  if (!audit) return fail(audit.error());
  const auto response_memory = std::make_shared<ByteBudget>(settings.response_memory);
  auto executor = local_executor::open_local_executor(local_options(settings), *telemetry, store);
  if (!executor) return fail(executor.error());
  auto server =
      std::make_unique<Composed>(settings, std::move(telemetry), std::move(*audit), std::move(store),
                                 std::move(*executor), response_memory, std::move(*certificates));
  if (auto begun = server->begin(std::move(*folder), std::move(source), std::move(*project), stop); !begun)
    return fail(begun.error());
  return server;
} catch (...) {
  return fail(error_in_flight());
}

}  // namespace offloader::app
