#include "offloader/refresh/refresher.h"

#include <algorithm>
#include <future>
#include <random>
#include <utility>

#include "offloader/base/free_memory.h"
#include "refresher_impl.h"

namespace offloader::refresh {
namespace {

// Delay before retrying a publication that threw, for example for lack of memory.
constexpr std::chrono::seconds kPublishAgain{1};
constexpr std::chrono::seconds kLastReaders{2};  // of a replaced configuration, which end soon

double random_jitter() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(engine);
}

}  // namespace

Refresher::Impl::Impl(executor::Executor& executor, object_store::ObjectStore& store,
                      serving::Publication& publication, telemetry::Telemetry& telemetry, const Clock& clock,
                      snapshot_cache::CacheFolder folder, std::unique_ptr<ProjectSource> source,
                      const catalog::LoadedProject& project, RefresherOptions options)
    : store_(store),
      folder_(std::move(folder)),
      source_(std::move(source)),
      options_(std::move(options)),
      log_(telemetry.log()),
      metrics_(telemetry.metrics()),
      clock_(clock),
      project_(project_of(project.catalog)),
      publisher_(publication, project.catalog, options_.published),
      asking_({}, report_of("ask-source")),
      builds_({.slots = std::max<std::size_t>(1, options_.concurrency),
               .suspended = options_.suspended_builds,
               .patience = options_.build_patience,
               .longest = options_.build_patience * 20},
              report_of("build")),
      context_{.executor = executor,
               .metrics = metrics_,
               .log = log_,
               .clock = clock,
               .folder = folder_,
               .options = options_,
               .publisher = publisher_,
               .asking = asking_,
               .builds = builds_,
               .suspects = suspects_,
               .wake_loop = [this] { loop_.wake(); }},
      loop_("refresh", clock, report_of("refresh"), [this] { return look(); }),
      watch_(*source_, {.interval = options_.config_sync_interval, .stale = options_.stale_project}, clock,
             log_, [this](const auto& catalog) { return apply(catalog); }),
      verification_(context_, report_of("verify-files"),
                    [this](const std::string& dataset, std::uint64_t snapshot) {
                      if (const ActorPtr actor = find(dataset)) actor->report_corrupt(snapshot);
                    }) {
  if (!options_.jitter) options_.jitter = random_jitter;
  if (!options_.free_bytes) options_.free_bytes = [this] { return folder_.free_bytes(); };
}

EscapeReport Refresher::Impl::report_of(const char* thread) const {
  return [this, thread](std::string_view what) {
    log_.error("A refresher thread caught an exception.", {{"thread", thread}, {"detail", what}});
  };
}

std::shared_ptr<const Project> Refresher::Impl::project_of(
    const std::shared_ptr<const catalog::Catalog>& catalog) const {
  return make_project(catalog, options_.refresh_interval,
                      [this](const catalog::Catalog& of, const catalog::Dataset& dataset) {
                        return sources::make_source(dataset, {.allowed_origins = of.allowed_origins,
                                                              .base = source_->base(),
                                                              .base_remote = source_->remote(),
                                                              .store = store_});
                      });
}

std::shared_ptr<const Refresher::Impl::Actors> Refresher::Impl::actors() const {
  const MutexLock lock(actors_mutex_);
  return actors_;
}

ActorPtr Refresher::Impl::find(const std::string& dataset) const {
  const auto all = actors();
  const auto found = all->find(dataset);
  return found == all->end() ? nullptr : found->second;
}

Result<void> Refresher::Impl::warm_start() {
  // First of all: the marks of a dataset that is gone tell that others did not build alone.
  folder_.count_deaths(clock_.now());
  for (const std::string& id : folder_.datasets()) {
    if (!project_->contracts.contains(id)) remove_kept(context_, id);
  }
  deaths_counted_ = true;
  if (stop_expected_) folder_.excuse_builds();
  auto made = std::make_shared<Actors>();
  Offers offers;
  for (const auto& [id, contract] : project_->contracts) {
    if (options_.start_cancelled != nullptr && options_.start_cancelled->cancelled())
      return fail(ErrorCode::cancelled, "The start was cancelled.");
    const auto actor = std::make_shared<DatasetActor>(context_, contract, true);
    actor->warm_start(warm_files_);
    offers.emplace(id, actor->offer());
    made->emplace(id, actor);
  }
  {
    const MutexLock lock(actors_mutex_);
    actors_ = std::move(made);
  }
  publisher_.adopt(project_->catalog, std::move(offers));
  return {};
}

Result<void> Refresher::Impl::start() {
  if (auto warm = warm_start(); !warm) return warm;
  collect_ = metrics_.on_collect([this] { collect(); });
  if (auto started = asking_.start(); !started) return started;
  if (auto started = builds_.start(); !started) return started;
  if (auto started = watch_.start(); !started) return started;
  if (auto started = loop_.start(); !started) return started;
  return verification_.start(std::move(warm_files_));
}

void Refresher::Impl::expect_stop() {
  stop_expected_ = true;
  // Before that, the marks are those of the previous process.
  if (deaths_counted_) folder_.excuse_builds();
}

void Refresher::Impl::stop() {
  expect_stop();
  if (stopped_.exchange(true)) return;
  collect_.reset();
  // First to end the running attempts soon, and again after the watch has stopped, because a reload may have
  // added actors.
  const auto first = actors();
  for (const auto& [id, actor] : *first) actor->stop();
  watch_.stop();
  const auto all = actors();
  for (const auto& [id, actor] : *all) actor->stop();
  loop_.stop();
  asking_.stop();
  builds_.stop();
  verification_.stop();
  // Reports are delivered without a lock, because a callback may call the refresher again.
  for (const auto& [id, actor] : *all) actor->give_up();
}

std::optional<SteadyTime> Refresher::Impl::look() {
  std::optional<SteadyTime> first;
  if (!run_guarded(report_of("refresh"), [this] { publisher_.catch_up(); }))
    first = clock_.steady_now() + kPublishAgain;
  const auto all = actors();
  for (const auto& [id, actor] : *all) {
    const auto until = actor->look();
    if (until && (!first || *until < *first)) first = until;
  }
  const auto memory = return_memory();
  if (memory && (!first || *memory < *first)) first = memory;
  return first;
}

std::optional<SteadyTime> Refresher::Impl::return_memory() {
  const SteadyTime now = clock_.steady_now();
  if (memory_freed_.exchange(false)) return_memory_at_ = now + kLastReaders;
  if (return_memory_at_ && now >= *return_memory_at_) {
    return_memory_at_.reset();
    return_free_memory();
  }
  return return_memory_at_;
}

RefreshStatus Refresher::Impl::status() const {
  RefreshStatus status;
  status.config_sync = watch_.status();
  const auto all = actors();
  for (const auto& [id, actor] : *all) status.datasets.push_back(actor->status());
  return status;
}

void Refresher::Impl::collect() const {
  const auto all = actors();
  for (const auto& [id, actor] : *all) actor->collect();
  const ConfigSyncStatus sync = watch_.status();
  metrics_.gauge("offloader_config_sync_enabled", "1 if the project is checked for changes periodically.")
      .set(sync.enabled ? 1 : 0);
  metrics_.gauge("offloader_config_sync_ok", "1 unless the last check of the project failed or rejected it.")
      .set(sync.ok ? 1 : 0);
}

void Refresher::Impl::wake() {
  loop_.wake();
  watch_.wake();
}

Refresher::Refresher(executor::Executor& executor, object_store::ObjectStore& store,
                     serving::Publication& publication, telemetry::Telemetry& telemetry, const Clock& clock,
                     snapshot_cache::CacheFolder folder, std::unique_ptr<ProjectSource> source,
                     catalog::LoadedProject project, RefresherOptions options)
    : impl_(std::make_unique<Impl>(executor, store, publication, telemetry, clock, std::move(folder),
                                   std::move(source), project, std::move(options))) {}

Refresher::~Refresher() {
  impl_->stop();
}
Result<void> Refresher::start() try { return impl_->start(); } catch (...) {
  return fail(error_in_flight());
}
void Refresher::expect_stop() {
  impl_->expect_stop();
}
void Refresher::stop() {
  impl_->stop();
}

bool Refresher::refresh(const std::string& dataset, std::function<void(RefreshReport)> done,
                        const std::string& asked_by) {
  const ActorPtr actor = impl_->find(dataset);
  if (!actor || !actor->refresh(std::move(done), asked_by)) return false;
  impl_->wake();
  return true;
}

Result<RefreshReport> Refresher::refresh_and_wait(const std::string& dataset) {
  auto promise = std::make_shared<std::promise<RefreshReport>>();
  auto report = promise->get_future();
  if (!refresh(dataset, [promise](RefreshReport done) { promise->set_value(std::move(done)); })) {
    if (impl_->stopped() && impl_->find(dataset))
      return fail(ErrorCode::unavailable, "the server is shutting down");
    return fail(ErrorCode::not_found, "no such dataset");
  }
  return report.get();
}

Result<RollbackReport> Refresher::rollback(const std::string& dataset, bool force,
                                           const std::string& asked_by) {
  const ActorPtr actor = impl_->find(dataset);
  if (!actor) return fail(ErrorCode::not_found, "no such dataset");
  return actor->rollback(force, asked_by);
}

void Refresher::reload(std::function<void(ReloadReport)> done, const std::string& asked_by) {
  impl_->watch().reload(std::move(done), asked_by);
}

ReloadReport Refresher::reload_and_wait() {
  auto promise = std::make_shared<std::promise<ReloadReport>>();
  auto report = promise->get_future();
  reload([promise](ReloadReport done) { promise->set_value(std::move(done)); });
  return report.get();
}

void Refresher::report_corrupt(const std::string& dataset, std::uint64_t snapshot) {
  if (const ActorPtr actor = impl_->find(dataset)) actor->report_corrupt(snapshot);
}
RefreshStatus Refresher::status() const {
  return impl_->status();
}
void Refresher::wake() {
  impl_->wake();
}

}  // namespace offloader::refresh
