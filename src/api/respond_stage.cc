#include "respond_stage.h"

#include <utility>

#include "meta.h"
#include "next_target.h"
#include "page_cursor.h"

namespace offloader::api {
namespace {

// Returns the target of the next page; empty if there is none, or if it is too long for a request line.
std::string next_page(const Exchange& exchange) {
  std::string target;
  if (const PageCursor* const page = exchange.page.get()) {
    if (page->next.empty() || page->next.size() > Cursors::kMostLink || page->link.empty()) return target;
    target = page->link + page->next;
  } else if (exchange.answer->has_more() && !exchange.is_post()) {
    const std::int64_t offset = exchange.offset + exchange.answer->row_count();
    const auto most = exchange.endpoint->contract->max_offset;
    if (most && offset > *most) return target;
    target = next_target(exchange.target, "offset") + std::to_string(offset);
  }
  if (target.size() > kMostTarget) target.clear();
  return target;
}

}  // namespace

Result<Step> RespondStage::run(Exchange& exchange) const {
  const serving::CachedAnswer& answer = *exchange.answer;
  const SystemTime now = clock_.now();
  std::string meta;
  if (answer.format() == rows::Format::json) meta = meta_of(exchange, exchange.result, now);
  http::Response response;
  response.status = 200;
  response.headers.reserve(640);
  finish_.headers().append_content(response.headers, exchange, answer.format());
  finish_.headers().append_validators(response.headers, exchange, answer.tag(), now);
  finish_.headers().append_facts(response.headers, exchange, now);
  response.headers.append(answer.has_more() ? "offloader-has-more: true\r\n"
                                            : "offloader-has-more: false\r\n");
  if (const std::string next = next_page(exchange); !next.empty())
    response.headers.append("link: <").append(next).append(">; rel=\"next\"\r\n");
  append_answer(response, exchange, std::move(meta));
  finish_.headers().append_common(response.headers, exchange);

  exchange.series->cache[static_cast<std::size_t>(exchange.result)]->add();
  exchange.series->rows->add(static_cast<std::uint64_t>(answer.row_count()));
  finish_.answered(exchange, std::move(response), answer.row_count());
  return Step::finished;
}

}  // namespace offloader::api
