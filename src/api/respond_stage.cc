#include "respond_stage.h"

#include <utility>

#include "meta.h"
#include "page_cursor.h"

namespace offloader::api {

Result<Step> RespondStage::run(Exchange& exchange) const {
  const serving::CachedAnswer& answer = *exchange.answer;
  const SystemTime now = clock_.now();
  std::string meta = meta_of(exchange, exchange.result, now);
  http::Response response;
  response.status = 200;
  response.headers.reserve(384);
  response.headers.append("content-type: ").append(rows::media_type(answer.format())).append("\r\n");
  finish_.headers().append_validators(response.headers, exchange, answer.tag(), now);
  if (const PageCursor* const page = exchange.page.get();
      page != nullptr && !page->link.empty() && !page->next.empty() &&
      page->next.size() <= Cursors::kMostLink &&
      page->link.size() + page->next.size() <= Cursors::kMostTarget) {
    response.headers.append("link: <").append(page->link).append(page->next).append(">; rel=\"next\"\r\n");
  }
  append_answer(response, exchange, std::move(meta));
  finish_.headers().append_common(response.headers, exchange.request_id, exchange.origin);

  exchange.series->cache[static_cast<std::size_t>(exchange.result)]->add();
  exchange.series->rows->add(static_cast<std::uint64_t>(answer.row_count()));
  finish_.answered(exchange, std::move(response), answer.row_count());
  return Step::finished;
}

}  // namespace offloader::api
