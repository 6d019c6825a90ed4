#pragma once

#include "exchange.h"
#include "offloader/base/result.h"

namespace offloader::api {

// A stage is a class with `Result<Step> run(Exchange&) const`, which any I/O thread may call. The comment on
// the class gives the reason for its place; the order is in api.cc. A stage passes the exchange on, finishes
// it, or returns the error to answer with. A stage that has to wait keeps the exchange, returns `finished`,
// and continues later with the Resume that it was constructed with.
enum class Step { next, finished };

// Runs the stages after the one that it was given to, on the calling thread.
using Resume = std::function<void(Exchange&)>;

}  // namespace offloader::api
