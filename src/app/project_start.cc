#include "project_start.h"

namespace offloader::app {
namespace {

// snapshots.md, "Boot": how long to wait for an unreachable bucket.
constexpr std::chrono::seconds kBucketPatience{60};
constexpr std::chrono::seconds kBucketPause{2};

// While it lives, raising `stop` also ends what the source is waiting for.
class StopsSource {
 public:
  StopsSource(CancelFlag* stop, refresh::ProjectSource& source) : stop_(stop) {
    if (stop_ != nullptr) stop_->on_cancel([&source] { source.stop(); });
  }
  StopsSource(const StopsSource&) = delete;
  StopsSource& operator=(const StopsSource&) = delete;
  ~StopsSource() {
    if (stop_ != nullptr) stop_->on_cancel({});
  }

 private:
  CancelFlag* stop_;
};

}  // namespace

Result<refresh::StartedProject> load_project(refresh::ProjectSource& source, telemetry::Telemetry& telemetry,
                                             CancelFlag* stop) {
  const StopsSource stops(stop, source);
  auto started = refresh::load_at_start(
      source, source.remote() ? kBucketPatience : std::chrono::seconds(0), kBucketPause,
      [&](const Error& error) {
        telemetry.log().warning("the project cannot be loaded", {{"error", std::string_view(error.message)},
                                                                 {"detail", std::string_view(error.detail)}});
      },
      stop);
  if (!started && started.error().code == ErrorCode::cancelled) return started;
  if (!started) {
    // Not `unavailable`, which means that a port is taken.
    return fail(ErrorCode::not_ready, started.error().message, started.error().detail);
  }
  if (!started->stale.empty()) {
    telemetry.log().error("the project's bucket cannot be read; serving the last copy that was fetched",
                          {{"error", std::string_view(started->stale)}});
  }
  return started;
}

}  // namespace offloader::app
