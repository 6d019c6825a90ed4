#include "response_headers.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "offloader/http/message.h"
#include "offloader/serving/envelope.h"

namespace offloader::api {

void ResponseHeaders::append_common(std::string& headers, std::string_view request_id,
                                    const std::optional<std::string_view>& origin) const {
  http::append_header(headers, "x-request-id", request_id);
  headers.append("x-content-type-options: nosniff\r\n");
  cors_.append(headers, origin);
}

void ResponseHeaders::append_validators(std::string& headers, const Exchange& exchange, std::string_view tag,
                                        SystemTime now) const {
  headers.append("etag: ");
  serving::append_etag(headers, tag, exchange.endpoint->editions,
                       serving::freshness_of(*exchange.endpoint, now).stale);
  headers.append("\r\n");
  if (exchange.is_post()) {
    headers.append("cache-control: no-store\r\n");
  } else if (!exchange.public_answer) {
    headers.append("cache-control: private, no-store\r\n");
  } else {
    headers.append("cache-control: public, max-age=");
    headers.append(std::to_string(max_age_of(*exchange.endpoint, now, exchange.today)));
    headers.append(", stale-while-revalidate=60\r\n");
  }
  append_vary(headers, !exchange.public_answer, true);
}

void ResponseHeaders::append_uncached(std::string& headers, bool encoding) const {
  headers.append("content-type: application/json\r\ncache-control: no-store\r\n");
  append_vary(headers, false, encoding);
}

void ResponseHeaders::append_listing(std::string& headers, std::string_view etag, bool open) const {
  http::append_header(headers, "etag", etag);
  headers.append(open ? "cache-control: public, max-age=60, stale-while-revalidate=60\r\n"
                      : "cache-control: private, no-store\r\n");
  append_vary(headers, !open, true);
}

void ResponseHeaders::append_options(std::string& headers, const Exchange& exchange, bool preflight) const {
  http::append_header(headers, "allow", exchange.allow);
  append_vary(headers, false, false);
  if (!preflight) return append_common(headers, exchange.request_id, exchange.origin);
  cors_.append_preflight(headers, exchange.origin);
  headers.append("x-content-type-options: nosniff\r\n");
  http::append_header(headers, "x-request-id", exchange.request_id);
}

void ResponseHeaders::append_vary(std::string& headers, bool authorization, bool encoding) const {
  if (!authorization && !encoding && !cors_.varies()) return;
  headers.append("vary: ");
  const char* between = "";
  for (const auto& [word, wanted] :
       {std::pair("Accept-Encoding", encoding), std::pair("Authorization", authorization),
        std::pair("Origin", cors_.varies())}) {
    if (!wanted) continue;
    headers.append(between).append(word);
    between = ", ";
  }
  headers.append("\r\n");
}

std::int64_t max_age_of(const serving::ServedEndpoint& endpoint, SystemTime now,
                        std::optional<std::int32_t> today) {
  constexpr std::int64_t kWithoutWindow = 60;
  constexpr std::int64_t kMost = 3600;
  std::int64_t most = kMost;
  if (today) {
    const SystemTime midnight{std::chrono::days{*today} + std::chrono::days{1}};
    const auto left = std::chrono::floor<std::chrono::seconds>(midnight - now).count();
    most = std::clamp<std::int64_t>(left, 0, kMost);
  }
  const auto window = endpoint.contract->max_staleness_minutes;
  if (!window) return std::min(kWithoutWindow, most);
  const auto left = endpoint.snapshot->watermark_time + std::chrono::minutes(*window) - now;
  return std::clamp<std::int64_t>(std::chrono::floor<std::chrono::seconds>(left).count(), 0, most);
}

}  // namespace offloader::api
