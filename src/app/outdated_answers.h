#pragma once

#include "offloader/serving/generation.h"
#include "offloader/serving/response_cache.h"

namespace offloader::app {

// Drops the answers that a publication has outdated: those of contracts and snapshots that `now` does not
// serve.
void drop_outdated(serving::ResponseCache& cache, const serving::Generation& now);

}  // namespace offloader::app
