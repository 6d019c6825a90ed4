#include "meta.h"

#include "offloader/serving/envelope.h"

namespace offloader::api {

std::string meta_of(const Exchange& exchange, serving::CacheResult result, SystemTime now) {
  std::string meta;
  meta.reserve(384 + exchange.request_id.size());
  append_meta(meta, *exchange.endpoint,
              {exchange.request_id, exchange.answer->row_count(), exchange.answer->has_more(), result}, now);
  meta.push_back('}');
  return meta;
}

}  // namespace offloader::api
