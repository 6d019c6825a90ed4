#include "offloader/serving/moment.h"

#include <chrono>

namespace offloader::serving {
namespace {

std::int32_t day_of(SystemTime time) {
  return static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(time).time_since_epoch().count());
}

}  // namespace

query::RequestMoment moment_of(const ServedEndpoint& endpoint, SystemTime now) {
  return {.today = day_of(now),
          .watermark = day_of(endpoint.snapshot ? endpoint.snapshot->watermark_time : now)};
}

}  // namespace offloader::serving
