#include "offloader/transport/retry.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <random>
#include <thread>

#include "offloader/transport/http_date.h"

namespace offloader::transport {
namespace {

using std::chrono::milliseconds;

bool short_body(const HttpRequest& request, const HttpResponse& response) {
  return response.outcome == Outcome::answered && response.status == 206 && !request.segments.empty() &&
         response.received != request.expected;
}

bool retryable(const HttpResponse& response) {
  if (response.outcome == Outcome::failed || response.outcome == Outcome::stalled) return true;
  return response.outcome == Outcome::answered &&
         (response.status == 408 || response.status == 429 || response.status >= 500);
}

std::string reason_of(const HttpResponse& response) {
  return response.outcome == Outcome::answered ? fmt::format("HTTP {}", response.status) : response.failure;
}

tl::unexpected<Error> error_of(const HttpResponse& response, const Conversation& with) {
  const std::string detail = fmt::format("{} {}: {}", with.operation, with.subject, reason_of(response));
  switch (response.outcome) {
    case Outcome::timed_out:
      return fail(ErrorCode::timeout, "the store did not answer in time", detail);
    case Outcome::stalled:
      return fail(ErrorCode::unavailable,
                  "the store sends data too slowly: it stayed below the minimum transfer rate", detail);
    case Outcome::cancelled:
      return fail(ErrorCode::cancelled, "cancelled", detail);
    case Outcome::refused:
      return fail(ErrorCode::rejected,
                  "the URL's host does not have a public address: private addresses require its origin in "
                  "allowed_origins",
                  fmt::format("{} {}: not a public address", with.operation, with.subject));
    case Outcome::too_large:
      return fail(ErrorCode::too_large, "the object is larger than allowed", detail);
    case Outcome::answered:
      return fail(ErrorCode::unavailable, fmt::format("the store answered with HTTP {}", response.status),
                  detail);
    case Outcome::failed:
      break;
  }
  return fail(ErrorCode::unavailable, "cannot reach the store, or the connection to it was lost", detail);
}

milliseconds jittered(milliseconds pause) {
  thread_local std::minstd_rand random(std::random_device{}());
  return milliseconds(std::uniform_int_distribution<std::int64_t>(pause.count() / 2, pause.count())(random));
}

}  // namespace

std::optional<milliseconds> retry_after(const std::string& header, SystemTime now) {
  if (header.empty()) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), seconds);
  if (error == std::errc() && end == header.data() + header.size() && seconds >= 0 && seconds < 1000000) {
    return milliseconds(seconds * 1000);
  }
  const auto date = parse_http_date(header);
  if (!date) return std::nullopt;
  return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(*date - now));
}

Result<void> Retrier::pause(int tried, const std::vector<HttpResponse>& failed,
                            const Conversation& with) const {
  milliseconds wait =
      jittered(std::min(options_.longest_pause, options_.first_pause * (1 << std::min(tried, 10))));
  for (const HttpResponse& response : failed) {
    if (const auto asked = retry_after(response.header("retry-after"), real_clock().now()))
      wait = std::max(wait, *asked);
  }
  const SteadyTime until = std::chrono::steady_clock::now() + wait;
  if (until >= with.deadline) {
    // The pause would end after the deadline, so report the failure now.
    return error_of(failed.front(), with);
  }
  while (std::chrono::steady_clock::now() < until) {
    if (with.cancel != nullptr && with.cancel->cancelled()) return fail(ErrorCode::cancelled, "cancelled");
    std::this_thread::sleep_for(
        std::min<SteadyTime::duration>(until - std::chrono::steady_clock::now(), milliseconds(20)));
  }
  return {};
}

Result<std::vector<HttpResponse>> Retrier::perform(const std::vector<Attempt>& attempts,
                                                   const Conversation& with) {
  std::vector<HttpResponse> answers(attempts.size());
  std::vector<std::size_t> pending(attempts.size());
  for (std::size_t i = 0; i < pending.size(); ++i) pending[i] = i;
  bool renewed = false;
  for (int tried = 0; !pending.empty();) {
    if (with.cancel != nullptr && with.cancel->cancelled()) return fail(ErrorCode::cancelled, "cancelled");
    if (std::chrono::steady_clock::now() >= with.deadline) {
      return fail(ErrorCode::timeout, "the store did not answer in time",
                  with.operation + " " + with.subject);
    }
    std::vector<HttpRequest> requests;
    for (const std::size_t index : pending) {
      auto built = attempts[index].build();
      if (!built) return fail(built.error());
      built->deadline = with.deadline;
      built->cancel = with.cancel;
      built->came = with.came;
      built->public_only = built->public_only || with.public_only;
      built->connect_timeout = std::min(built->connect_timeout, connect_timeout_);
      requests.push_back(std::move(*built));
    }
    std::vector<HttpResponse> responses = transport_.perform(requests);
    std::vector<std::size_t> again;
    std::vector<std::size_t> refused;
    std::vector<HttpResponse> failed;
    for (std::size_t i = 0; i < responses.size(); ++i) {
      HttpResponse& response = responses[i];
      if (short_body(requests[i], response)) {
        response.outcome = Outcome::failed;
        response.failure =
            fmt::format("the body has {} bytes instead of {}", response.received, requests[i].expected);
      }
      with.observer->on_answer(with.operation, response);
      if (retryable(response)) {
        again.push_back(pending[i]);
        failed.push_back(std::move(response));
        continue;
      }
      if (response.outcome != Outcome::answered) return error_of(response, with);
      const bool refusal =
          with.is_refusal ? with.is_refusal(response) : response.status == 401 || response.status == 403;
      if (refusal) refused.push_back(pending[i]);
      answers[pending[i]] = std::move(response);
    }
    // Renew once. If there are no other credentials, the refusals are the answers.
    if (!refused.empty() && !renewed && with.renew) {
      renewed = true;
      if (with.renew()) again.insert(again.end(), refused.begin(), refused.end());
    }
    if (!failed.empty()) {
      if (++tried >= options_.tries) return error_of(failed.front(), with);
      if (const auto waited = pause(tried - 1, failed, with); !waited) return fail(waited.error());
    }
    pending = std::move(again);
  }
  return answers;
}

Result<HttpResponse> Retrier::perform(const Attempt& attempt, const Conversation& with) {
  auto answers = perform(std::vector<Attempt>{attempt}, with);
  if (!answers) return fail(answers.error());
  return std::move(answers->front());
}

}  // namespace offloader::transport
