#include "batch_stage.h"

#include <utility>

#include "query_beside.h"

namespace offloader::api {

Result<Step> BatchStage::run(Exchange& exchange) const {
  auto requests = read_batch(exchange.body, most_);
  if (!exchange.request->query().empty())
    return fail(query_beside("a batch takes no query string", requests ? nullptr : &requests.error()));
  if (!requests) return fail(std::move(requests.error()));
  exchange.body = {};
  // What the requests keep while they wait is at most about as much as what has been read.
  if (!exchange.body_room.try_resize(bytes_of(*requests))) return fail(ErrorCode::no_memory, {});
  exchange.moment = clock_->now();  // so that `today` is the same day in all of them
  auto kept = Exchange::keep_with_request(std::move(exchange));
  std::make_shared<Batch>(std::move(kept), std::move(*requests), finish_, steps_, memory_)->start();
  return Step::finished;
}

}  // namespace offloader::api
