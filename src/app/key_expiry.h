#pragma once

#include <memory>

#include "offloader/base/clock.h"
#include "offloader/serving/publication.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::app {

// Exposes offloader_key_expires_seconds{key}, the seconds until an active key expires. Of more than 1,000
// keys it exposes those that expire first, and of expired keys those of the last 14 days. Exposition ends
// with the returned token, which must not outlive the arguments.
[[nodiscard]] std::shared_ptr<void> expose_key_expiry(telemetry::Metrics& metrics,
                                                      const serving::Publication& publication,
                                                      const Clock& clock);

}  // namespace offloader::app
