#include "params_stage.h"

#include <utility>

#include "offloader/query/compiler.h"
#include "offloader/serving/moment.h"
#include "query_beside.h"

namespace offloader::api {
namespace {

tl::unexpected<Error> expired() {
  return fail(ErrorCode::cursor_expired, "the cursor has expired: begin again with the first page");
}

// Chooses the snapshot in which the page goes on, and begins the plan there.
Result<void> continue_page(Exchange& exchange, PageCursor& page) {
  const query::Cursor& cursor = *page.before;
  const serving::ServedEndpoint& endpoint = *exchange.endpoint;
  if (cursor.snapshot != endpoint.snapshot->fingerprint) {
    if (endpoint.previous && cursor.snapshot == endpoint.previous->snapshot->fingerprint) {
      exchange.endpoint = endpoint.previous.get();
    } else if (endpoint.contract->cursor == catalog::CursorPaging::strict) {
      return expired();
    } else {
      page.changed = true;
    }
  }
  if (!continue_at(exchange.plan, cursor, !page.changed)) return expired();
  page.start.after = exchange.plan.after;
  return {};
}

}  // namespace

Result<Step> ParamsStage::run(Exchange& exchange) const {
  if (exchange.answer) return Step::next;
  const std::string_view in_url = exchange.request->query();
  const bool beside = exchange.is_post() && !in_url.empty();
  const auto params =
      exchange.params ? *std::exchange(exchange.params, std::nullopt) : query::decode_query_string(in_url);
  const serving::ServedEndpoint& endpoint = *exchange.endpoint;
  const query::Compiler& compiler = *endpoint.compiler;
  if (params && audit_->on()) exchange.param_names = names_of(*params, *endpoint.contract);
  const bool by_cursor = endpoint.contract->pages_by_cursor();
  if (params && by_cursor) exchange.page = cursors_->begin(exchange, *params);
  const query::Cursor* const cursor =
      exchange.page && exchange.page->before ? &*exchange.page->before : nullptr;
  query::RequestMoment moment;
  if (cursor != nullptr) {
    moment = cursor->moment;
  } else if (compiler.depends_on_moment()) {
    moment = serving::moment_of(endpoint, exchange.moment.value_or(clock_->now()));
  }
  auto plan = params ? compiler.compile(*params, *exchange.grant->tenant,
                                        {.moment = moment, .cursor = cursor, .exported = exchange.exported})
                     : Result<query::Plan>(fail(params.error()));
  if (beside) {
    return fail(query_beside("a POST takes its params from the body: remove the query string",
                             plan ? nullptr : &plan.error()));
  }
  if (!plan) return fail(std::move(plan.error()));
  if (cursor != nullptr && cursor->contract != compiler.fingerprint()) return expired();
  if (!endpoint.snapshot) return fail(ErrorCode::not_ready, "the dataset has no snapshot yet");
  // The day of a cursor stays the same.
  if (plan->depends_on_today && cursor == nullptr) exchange.today = moment.today;
  if ((plan->total_rows || plan->totals) && exchange.format != rows::Format::json) {
    return fail(ErrorCode::invalid_param,
                "param `totals` needs the format json: `meta`, which has them, is in no other");
  }
  exchange.plan = std::move(*plan);
  exchange.offset = exchange.plan.offset;
  if (!exchange.page) return Step::next;
  exchange.page->moment = moment;
  if (cursor != nullptr) {
    if (auto begun = continue_page(exchange, *exchange.page); !begun) return fail(std::move(begun.error()));
  }
  exchange.page->start.shape = exchange.plan.shape;
  exchange.page->start.offset = exchange.plan.offset;
  return Step::next;
}

}  // namespace offloader::api
