#include "meta.h"

#include <utility>

#include "compression.h"
#include "offloader/serving/envelope.h"

namespace offloader::api {

std::string meta_of(const Exchange& exchange, serving::CacheResult result, SystemTime now) {
  if (exchange.endpoint == nullptr) return R"({"request_id":")" + exchange.request_id + "\"}}";
  std::string meta;
  meta.reserve(384 + exchange.request_id.size());
  const serving::CachedAnswer& answer = *exchange.answer;
  append_meta(meta, *exchange.endpoint,
              {exchange.request_id, answer.row_count(), answer.has_more(), result, &answer.totals()}, now);
  meta.push_back('}');
  return meta;
}

void append_answer(http::Response& response, const Exchange& exchange, std::string meta) {
  using serving::Encoding;
  const serving::CachedAnswer& answer = *exchange.answer;
  const serving::CachedAnswer::Compressed* compressed =
      exchange.encoding == Encoding::identity ? nullptr : answer.compressed(exchange.encoding);
  if (compressed != nullptr && answer.prefix().size() + meta.size() > kCompressFrom) {
    response.headers.append(exchange.encoding == Encoding::gzip ? "content-encoding: gzip\r\n"
                                                                : "content-encoding: zstd\r\n");
    response.body.append(compressed->shared());
    response.body.append(close_with(exchange.encoding, *compressed, answer.prefix().size(), meta));
  } else {
    response.body.append(answer.shared_prefix());
    response.body.append(std::move(meta));
  }
  answer.count_unless_cached();
}

}  // namespace offloader::api
