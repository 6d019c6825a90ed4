#include "offloader/telemetry/telemetry.h"

#include "log.h"
#include "registry.h"

namespace offloader::telemetry {
namespace {

class SilentLog final : public Log {
 public:
  bool enabled(Level) const override { return false; }
  void write(Level, std::string_view, std::initializer_list<Field>) override {}
  void flush() override {}
};

}  // namespace

Result<std::unique_ptr<Telemetry>> make_telemetry(const TelemetryOptions& options) {
  auto metrics = make_registry();
  auto log = make_async_log(options, *metrics);
  if (!log) return fail(log.error());
  return std::make_unique<Telemetry>(std::move(metrics), std::move(*log));
}

std::unique_ptr<Telemetry> make_silent_telemetry() {
  return std::make_unique<Telemetry>(make_registry(), std::make_unique<SilentLog>());
}

}  // namespace offloader::telemetry
