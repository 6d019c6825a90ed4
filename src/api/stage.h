#pragma once

#include "exchange.h"
#include "offloader/base/result.h"

namespace offloader::api {

// A stage is a class with `Result<Step> run(Exchange&) const`, called by any I/O thread, and its first
// comment says why it stands where it does. It hands the exchange on, finishes it, or returns the error that
// the caller is refused with. A stage that waits keeps the exchange, returns `finished`, and hands it on
// later by the Resume that it was made with. api.cc has the order.
enum class Step { next, finished };

// Runs the stages that follow the one that was given it, on the calling thread.
using Resume = std::function<void(Exchange&)>;

}  // namespace offloader::api
