#include "respond_stage.h"

#include "compression.h"
#include "meta.h"

namespace offloader::api {

using serving::Encoding;

Result<Step> RespondStage::run(Exchange& exchange) const {
  const serving::CachedAnswer& answer = *exchange.answer;
  const SystemTime now = clock_.now();
  std::string meta = meta_of(exchange, exchange.result, now);
  http::Response response;
  response.status = 200;
  response.headers.reserve(384);
  response.headers.append("content-type: ").append(rows::media_type(answer.format())).append("\r\n");
  finish_.headers().append_validators(response.headers, exchange, answer.tag(), now);
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
  finish_.headers().append_common(response.headers, exchange.request_id, exchange.origin);

  exchange.series->cache[static_cast<std::size_t>(exchange.result)]->add();
  exchange.series->rows->add(static_cast<std::uint64_t>(answer.row_count()));
  finish_.answered(exchange, std::move(response), answer.row_count());
  return Step::finished;
}

}  // namespace offloader::api
