#pragma once

#include "offloader/base/clock.h"
#include "offloader/query/compiler.h"
#include "offloader/serving/generation.h"

namespace offloader::serving {

// Returns what the relative defaults of a request are counted from: the day of `now` and of the watermark of
// the snapshot that answers, both in UTC. Without a snapshot, which gives no answer, the watermark is `now`.
[[nodiscard]] query::RequestMoment moment_of(const ServedEndpoint& endpoint, SystemTime now);

}  // namespace offloader::serving
