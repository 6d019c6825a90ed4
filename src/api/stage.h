#pragma once

#include "exchange.h"
#include "offloader/base/result.h"

namespace offloader::api {

// A stage is a class with `Result<Step> run(Exchange&) const`, which any I/O thread may call. Its first
// comment gives the reason for its place; api.cc has the order. A stage hands the exchange on, finishes it,
// or returns the error to refuse the caller with. A stage that has to wait keeps the exchange, returns
// `finished`, and continues later with the Resume that it was constructed with.
enum class Step { next, finished };

// Runs the stages that follow the one that was given it, on the calling thread.
using Resume = std::function<void(Exchange&)>;

}  // namespace offloader::api
