#include "offloader/refresh/refresher.h"

#include <algorithm>
#include <future>
#include <random>
#include <utility>

#include "refresher_impl.h"

namespace offloader::refresh {
namespace {

constexpr std::string_view kStopping = "the server is shutting down";

ReloadReport reload_stopped() {
  return {.result = ReloadReport::Result::error, .error = std::string(kStopping), .findings = {}};
}

double random_jitter() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(engine);
}

}  // namespace

Refresher::Impl::Impl(executor::Executor& executor, object_store::ObjectStore& store,
                      serving::Publication& publication, telemetry::Telemetry& telemetry, const Clock& clock,
                      CacheFolder folder, std::unique_ptr<ProjectSource> source,
                      catalog::LoadedProject project, RefresherOptions options)
    : executor_(executor),
      store_(store),
      publication_(publication),
      metrics_(telemetry.metrics()),
      log_(telemetry.log()),
      clock_(clock),
      folder_(std::move(folder)),
      source_(std::move(source)),
      options_(std::move(options)),
      desired_(std::move(project.catalog)),
      slots_({.slots = std::max<std::size_t>(1, options_.concurrency),
              .suspended = options_.suspended_builds,
              .patience = options_.build_patience,
              .longest = options_.build_patience * 20}),
      asking_({}, thread_options("ask-source", Thread::AfterEscape::restart).report) {
  if (!options_.jitter) options_.jitter = random_jitter;
  if (!options_.free_bytes) options_.free_bytes = [this] { return folder_.free_bytes(); };
  sync_.enabled = options_.config_sync_interval.count() > 0;
  sync_.result = sync_.enabled ? "init" : "disabled";
  if (!options_.stale_project.empty()) {
    sync_.ok = false;
    sync_.result = "error";
    sync_.error = options_.stale_project;
  }
}

Result<void> Refresher::Impl::start() {
  stamp_ = source_->loaded_stamp();
  {
    const MutexLock lock(state_mutex_);
    for (const std::string& id : folder_.datasets()) {
      if (!desired_->datasets.contains(id)) remove_kept(id);
    }
    folder_.count_deaths(clock_.now());
    deaths_counted_ = true;
    if (stop_expected_) folder_.excuse_builds();
    for (const auto& [id, dataset] : desired_->datasets) {
      if (options_.start_cancelled != nullptr && options_.start_cancelled->cancelled())
        return fail(ErrorCode::cancelled, "The start was cancelled.");
      const RunPtr run = runs_[id] = make_run(dataset, true);
      warm_start(*run, dataset);
    }
    publish();
  }
  collect_ = metrics_.on_collect([this] { collect(); });
  using After = Thread::AfterEscape;
  if (auto started = asking_.start(); !started) return started;
  // As many as there may be builds at once, in slots and suspended, and one that waits for a slot: it is what
  // finds out that a build gets nothing.
  const std::size_t workers = std::max<std::size_t>(1, options_.concurrency) + options_.suspended_builds + 1;
  for (std::size_t i = 0; i < workers; ++i) {
    auto started = workers_.emplace_back().start(thread_options("build", After::restart), [this] { work(); });
    if (!started) return started;
  }
  auto started =
      config_thread_.start(thread_options("config-sync", After::restart), [this] { watch_project(); });
  if (started) started = loop_thread_.start(thread_options("refresh", After::restart), [this] { loop(); });
  if (started) {
    started = verification_thread_.start(thread_options("verify-files", After::end),
                                         [this] { verify_warm_files(); });
  }
  return started;
}

void Refresher::Impl::expect_stop() {
  stop_expected_ = true;
  // Until then the marks are those that the previous process left.
  if (deaths_counted_) folder_.excuse_builds();
}

void Refresher::Impl::stop() {
  expect_stop();
  std::vector<std::shared_ptr<CancelFlag>> cancelled;
  {
    const MutexLock lock(state_mutex_);
    if (stopping_) return;
    stopping_ = true;
    cancelled.swap(cancelled_);
    for (const auto& [id, run] : runs_) {
      if (run->attempt) cancelled.push_back(run->attempt->cancel);
    }
  }
  for (const auto& cancel : cancelled) cancel->cancel();
  verification_cancelled_.cancel();
  source_->stop();
  slots_.stop();
  changed_.notify_all();
  queue_changed_.notify_all();
  project_changed_.notify_all();
  collect_.reset();
  loop_thread_.join();
  asking_.stop();
  for (Thread& worker : workers_) worker.join();
  config_thread_.join();
  verification_thread_.join();
  const auto stopped = [](const std::string& id) {
    return RefreshReport{.dataset = id,
                         .status = Outcome::failed,
                         .snapshot_id = {},
                         .error = std::string(kStopping),
                         .findings = {},
                         .duration_ms = 0};
  };
  drain_outbox();
  // Reports are given without the lock: whoever gets one may ask for something else.
  std::vector<std::pair<std::string, std::function<void(RefreshReport)>>> waiting;
  std::vector<AskedReload> reloads;
  {
    const MutexLock lock(state_mutex_);
    for (const auto& [id, run] : runs_) {
      for (auto* list : {&run->waiting, &run->served}) {
        for (auto& done : *list) waiting.emplace_back(id, std::move(done));
        list->clear();
      }
    }
    reloads.swap(reloads_);
  }
  for (const auto& [id, done] : waiting) done(stopped(id));
  for (const auto& [done, asked_by] : reloads) {
    if (done) done(reload_stopped());
  }
}

bool Refresher::Impl::refresh(const std::string& dataset, std::function<void(RefreshReport)> done,
                              const std::string& asked_by) {
  {
    const MutexLock lock(state_mutex_);
    const auto found = runs_.find(dataset);
    if (found == runs_.end() || stopping_) return false;
    found->second->state.forced_waiting = true;
    found->second->asked_by = asked_by;
    log_.info("A refresh was asked for.", {{"dataset", dataset}, {"request_id", asked_by}});
    if (done) found->second->waiting.push_back(std::move(done));
  }
  wake();
  return true;
}

void Refresher::Impl::reload(std::function<void(ReloadReport)> done, const std::string& asked_by) {
  {
    const MutexLock lock(state_mutex_);
    if (!stopping_) {
      reloads_.push_back({std::move(done), asked_by});
      project_changed_.notify_all();
      return;
    }
  }
  if (done) done(reload_stopped());
}

void Refresher::Impl::wake() {
  {
    const MutexLock lock(state_mutex_);
    woken_ = true;
  }
  changed_.notify_all();
  project_changed_.notify_all();
}

Refresher::Refresher(executor::Executor& executor, object_store::ObjectStore& store,
                     serving::Publication& publication, telemetry::Telemetry& telemetry, const Clock& clock,
                     CacheFolder folder, std::unique_ptr<ProjectSource> source,
                     catalog::LoadedProject project, RefresherOptions options)
    : impl_(std::make_unique<Impl>(executor, store, publication, telemetry, clock, std::move(folder),
                                   std::move(source), std::move(project), std::move(options))) {}

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
  return impl_->refresh(dataset, std::move(done), asked_by);
}

Result<RefreshReport> Refresher::refresh_and_wait(const std::string& dataset) {
  auto promise = std::make_shared<std::promise<RefreshReport>>();
  auto report = promise->get_future();
  if (!impl_->refresh(dataset, [promise](RefreshReport done) { promise->set_value(std::move(done)); }, {})) {
    return fail(ErrorCode::not_found, "no such dataset");
  }
  return report.get();
}

Result<RollbackReport> Refresher::rollback(const std::string& dataset, bool force,
                                           const std::string& asked_by) {
  return impl_->rollback(dataset, force, asked_by);
}
void Refresher::reload(std::function<void(ReloadReport)> done, const std::string& asked_by) {
  impl_->reload(std::move(done), asked_by);
}

ReloadReport Refresher::reload_and_wait() {
  auto promise = std::make_shared<std::promise<ReloadReport>>();
  auto report = promise->get_future();
  impl_->reload([promise](ReloadReport done) { promise->set_value(std::move(done)); }, {});
  return report.get();
}

void Refresher::report_corrupt(const std::string& dataset, std::uint64_t snapshot) {
  impl_->report_corrupt(dataset, snapshot);
}
RefreshStatus Refresher::status() const {
  return impl_->status();
}
void Refresher::wake() {
  impl_->wake();
}

}  // namespace offloader::refresh
