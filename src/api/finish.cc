#include "finish.h"

#include "limits_stage.h"
#include "offloader/base/request_id.h"
#include "offloader/serving/envelope.h"

namespace offloader::api {
namespace {

using http::Response;

// In the log, as nginx writes it: the client had gone before there was an answer.
constexpr int kClientGone = 499;

// Returns the message that the client may see. Messages of lower modules can name files.
std::string_view public_message(const Error& error, int status) {
  switch (error.code) {
    case ErrorCode::corrupt:
    case ErrorCode::changed:
    case ErrorCode::unavailable:
      return "the dataset cannot be read right now";
    case ErrorCode::no_memory:
      return "the server has no memory left for this answer; ask for fewer rows, or try again later";
    default:
      return status == 500 ? std::string_view("internal error") : std::string_view(error.message);
  }
}

}  // namespace

void Finish::answered(Exchange& exchange, Response response, std::int64_t rows) const {
  conclude(exchange, response.status, rows, response.body.size());
  send(exchange, std::move(response));
}

void Finish::streamed(Exchange& exchange, std::int64_t rows, std::size_t bytes, SteadyTime begun) const {
  exchange.series->rows->add(static_cast<std::uint64_t>(rows));
  conclude(exchange, 200, rows, bytes, begun);
  exchange.admission.release();  // before the client has the end, after which it may ask again
}

void Finish::broken(Exchange& exchange, const Error& error, std::int64_t rows, std::size_t bytes,
                    SteadyTime begun) const {
  const bool gone = error.code == ErrorCode::cancelled;
  if (!gone) log_.failure(exchange, error);
  exchange.series->rows->add(static_cast<std::uint64_t>(rows));
  conclude(exchange, gone ? kClientGone : serving::to_public(error.code).status, rows, bytes, begun);
}

void Finish::served(Exchange& exchange, Response response) const {
  log_.access(exchange, {.status = response.status,
                         .cache = {},
                         .rows = 0,
                         .bytes = response.body.size(),
                         .taken = clock_.steady_now() - exchange.begun});
  count_usage(exchange, response.status, 0, response.body.size());
  send(exchange, std::move(response));
}

// Sends the response. Until it has been sent, the request counts as running.
void Finish::send(Exchange& exchange, Response response) {
  if (exchange.admission.holds_place())
    response.until_sent = std::make_shared<limits::Admission>(std::move(exchange.admission));
  std::move(exchange.responder).send(std::move(response));
}

void Finish::count_usage(Exchange& exchange, int status, std::int64_t rows, std::size_t bytes) const {
  if (exchange.counted_as.empty()) return;
  exchange.admission.count_rows(rows);
  if (ledger_ == nullptr) return;
  const identity::Principal& principal = *exchange.principal;
  std::string caller;
  std::string tenant;
  ledger_->record({.key = principal.anonymous ? kAnonymous : principal.counted_as(caller),
                   .tenant = principal.tenant_name(tenant),
                   .endpoint = exchange.endpoint == nullptr
                                   ? exchange.counted_as
                                   : std::string_view(exchange.endpoint->contract->name),
                   .status = status,
                   .rows = rows,
                   .bytes = exchange.method == "HEAD" ? 0 : static_cast<std::int64_t>(bytes),
                   .executed = std::chrono::duration_cast<std::chrono::microseconds>(exchange.executed)});
}

void Finish::refused(Exchange& exchange, const Error& error, bool tell) const {
  const serving::PublicError shown = serving::to_public(error.code);
  const std::string_view message = public_message(error, shown.status);
  const bool told = error.problems != nullptr && message == error.message;
  Response response =
      error_frame(exchange.request_id, exchange.origin, shown.status, shown.family, message,
                  told ? std::span<const Problem>(*error.problems) : std::span<const Problem>());
  exchange.admission.append_headers(response.headers);
  if (shown.retry_after)
    response.headers.append(*shown.retry_after == 1 ? "retry-after: 1\r\n" : "retry-after: 5\r\n");
  if (const auto limit = exchange.admission.refused_by(); limit && shown.status == 429) {
    response.headers.append("retry-after: ")
        .append(std::to_string(exchange.admission.retry_after().count()))
        .append("\r\n");
  }
  if (shown.status == 401) response.headers.append("www-authenticate: Bearer\r\n");
  if (shown.status == 405) http::append_header(response.headers, "allow", exchange.allow);
  const bool own_fault = error.code != ErrorCode::cancelled && error.code != ErrorCode::no_memory;
  if (tell && own_fault && message != error.message) log_.failure(exchange, error);
  exchange.result = serving::CacheResult::off;
  // Nobody receives an answer to a client that has gone, and the server is not at fault.
  const bool unanswered = error.code == ErrorCode::cancelled && (*exchange.gone)->cancelled();
  conclude(exchange, unanswered ? kClientGone : shown.status, 0, response.body.size());
  send(exchange, std::move(response));
}

Response Finish::connection_error(int status, std::string_view message) const {
  const std::string request_id = request_id_for(std::nullopt, true);
  Response response = error_frame(request_id, std::nullopt, status, serving::family_of(status), message);
  if (status == 503) response.headers.append("retry-after: 1\r\n");
  log_.refused_connection(request_id, status, response.body.size());
  return response;
}

Response Finish::error_frame(std::string_view request_id, const std::optional<std::string_view>& origin,
                             int status, std::string_view family, std::string_view message,
                             std::span<const Problem> problems) const {
  Response response;
  response.status = status;
  headers_.append_uncached(response.headers);
  headers_.append_common(response.headers, request_id, origin);
  response.body.append(serving::error_body(family, message, request_id, problems));
  return response;
}

void Finish::conclude(Exchange& exchange, int status, std::int64_t rows, std::size_t bytes,
                      std::optional<SteadyTime> begun) const {
  if (exchange.method == "HEAD") rows = 0;  // none are sent
  exchange.series->by_status(status).add();
  const SteadyTime now = clock_.steady_now();
  exchange.series->duration[static_cast<std::size_t>(exchange.result)]->observe(
      std::chrono::duration<double>(begun.value_or(now) - exchange.begun).count());
  log_.access(exchange, {.status = status,
                         .cache = serving::name_of(exchange.result),
                         .rows = rows,
                         .bytes = bytes,
                         .taken = now - exchange.begun});
  audit_.record(exchange, status, rows);
  count_usage(exchange, status, rows, bytes);
}

}  // namespace offloader::api
