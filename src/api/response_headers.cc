#include "response_headers.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "offloader/http/message.h"
#include "offloader/serving/envelope.h"

namespace offloader::api {

void ResponseHeaders::append_common(std::string& headers, std::string_view request_id,
                                    const std::optional<std::string_view>& origin) const {
  http::append_header(headers, "x-request-id", request_id);
  headers.append("x-content-type-options: nosniff\r\n");
  cors_.append(headers, origin);
}

void ResponseHeaders::append_common(std::string& headers, const Exchange& exchange) const {
  append_common(headers, exchange.request_id, exchange.origin);
  exchange.admission.append_headers(headers);
}

void ResponseHeaders::append_content(std::string& headers, const Exchange& exchange,
                                     rows::Format format) const {
  const catalog::FormatRow& row = row_of(format);
  headers.append("content-type: ").append(row.content_type).append("\r\n");
  if (format == rows::Format::json) return;
  const serving::ServedEndpoint& endpoint = *exchange.endpoint;
  headers.append("content-disposition: attachment; filename=\"").append(endpoint.contract->name).append("-");
  // The only character of an id that not every file system allows.
  for (const char c : endpoint.snapshot->snapshot_id) headers.push_back(c == ':' ? '-' : c);
  headers.append(".").append(row.extension).append("\"\r\n");
}

void ResponseHeaders::append_facts(std::string& headers, const Exchange& exchange, SystemTime now) const {
  const serving::ServedEndpoint& endpoint = *exchange.endpoint;
  // Neither text can have a line end: manifests with other ids and times are rejected.
  headers.append("offloader-snapshot: ").append(endpoint.snapshot->snapshot_id);
  headers.append("\r\noffloader-watermark: ").append(endpoint.snapshot->watermark).append("\r\n");
  headers.append(serving::freshness_of(endpoint, now).stale ? "offloader-stale: true\r\n"
                                                            : "offloader-stale: false\r\n");
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
  append_vary(headers, {.authorization = !exchange.public_answer,
                        .encoding = true,
                        .format = exchange.endpoint->contract->offers_formats()});
}

void ResponseHeaders::append_uncached(std::string& headers, bool encoding) const {
  headers.append("content-type: application/json\r\ncache-control: no-store\r\n");
  append_vary(headers, {.encoding = encoding});
}

void ResponseHeaders::append_listing(std::string& headers, std::string_view etag, bool open) const {
  http::append_header(headers, "etag", etag);
  headers.append(open ? "cache-control: public, max-age=60, stale-while-revalidate=60\r\n"
                      : "cache-control: private, no-store\r\n");
  append_vary(headers, {.authorization = !open, .encoding = true});
}

void ResponseHeaders::append_options(std::string& headers, const Exchange& exchange, bool preflight) const {
  http::append_header(headers, "allow", exchange.allow);
  append_vary(headers, {});
  if (!preflight) return append_common(headers, exchange);
  cors_.append_preflight(headers, exchange.origin);
  headers.append("x-content-type-options: nosniff\r\n");
  http::append_header(headers, "x-request-id", exchange.request_id);
}

void ResponseHeaders::append_vary(std::string& headers, Varies by) const {
  constexpr std::array<std::string_view, 8> kLists = {
      "",       "Authorization",         "Accept-Encoding",         "Accept-Encoding, Authorization",
      "Accept", "Accept, Authorization", "Accept, Accept-Encoding", "Accept, Accept-Encoding, Authorization"};
  const std::string_view list =
      kLists[(by.format ? 4U : 0U) + (by.encoding ? 2U : 0U) + (by.authorization ? 1U : 0U)];
  if (list.empty() && !cors_.varies()) return;
  headers.append("vary: ").append(list);
  if (cors_.varies()) headers.append(list.empty() ? "Origin" : ", Origin");
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
