#include "meta.h"

#include <utility>

#include "compression.h"
#include "offloader/serving/envelope.h"
#include "page_cursor.h"

namespace offloader::api {

std::string meta_of(const Exchange& exchange, serving::CacheResult result, SystemTime now) {
  if (exchange.endpoint == nullptr) return R"({"request_id":")" + exchange.request_id + "\"}}";
  std::string meta;
  meta.reserve(384 + exchange.request_id.size() + (exchange.page ? exchange.page->next.size() + 32 : 0));
  const serving::CachedAnswer& answer = *exchange.answer;
  serving::MetaFacts facts{exchange.request_id, answer.row_count(), answer.has_more(), result,
                           &answer.totals()};
  if (const PageCursor* const page = exchange.page.get()) {
    facts.pages_by_cursor = true;
    facts.next_cursor = page->next;
    if (page->before) facts.snapshot_changed = page->changed;
  }
  append_meta(meta, *exchange.endpoint, facts, now);
  meta.push_back('}');
  return meta;
}

void append_answer(http::Response& response, const Exchange& exchange, std::string meta) {
  using serving::Encoding;
  const serving::CachedAnswer& answer = *exchange.answer;
  const serving::CachedAnswer::Compressed* compressed =
      exchange.encoding == Encoding::identity ? nullptr : answer.compressed(exchange.encoding);
  if (compressed != nullptr && answer.prefix().size() + meta.size() > kCompressFrom) {
    append_encoding(response.headers, exchange.encoding);
    response.body.append(compressed->shared());
    response.body.append(close_with(exchange.encoding, *compressed, answer.prefix().size(), meta));
  } else {
    response.body.append(answer.shared_prefix());
    response.body.append(std::move(meta));
  }
  answer.count_unless_cached();
}

}  // namespace offloader::api
