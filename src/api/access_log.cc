#include "access_log.h"

#include <algorithm>

#include "offloader/base/ascii.h"
#include "offloader/query/describe.h"

namespace offloader::api {
namespace {

constexpr std::chrono::seconds kSlowQuery{1};

double milliseconds(std::chrono::nanoseconds taken) {
  return std::chrono::duration<double, std::milli>(taken).count();
}

// The method is text of the caller, so only methods that HTTP defines are logged as they are.
std::string_view known_method(std::string_view method) {
  for (const std::string_view known :
       {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"}) {
    if (method == known) return method;
  }
  return method.empty() ? "" : "other";
}

std::string_view name_of(const Exchange& exchange) {
  return exchange.endpoint == nullptr ? std::string_view("_unknown") : exchange.endpoint->contract->name;
}

}  // namespace

bool RequestLog::wants(int status) const {
  if (mode_ == AccessLog::off || (mode_ == AccessLog::errors && status < 400)) return false;
  return log_.enabled(telemetry::Level::info);
}

void RequestLog::access(const Exchange& exchange, const Outcome& outcome) const {
  if (!wants(outcome.status)) return;
  const bool has_snapshot = exchange.endpoint != nullptr && exchange.endpoint->snapshot != nullptr;
  log_.info("request",
            {{"request_id", std::string_view(exchange.request_id)},
             {"method", known_method(exchange.method)},
             {"endpoint", name_of(exchange)},
             {"status", outcome.status},
             {"duration_ms", milliseconds(outcome.taken)},
             {"cache", outcome.cache},
             {"rows", outcome.rows},
             {"snapshot", has_snapshot ? std::string_view(exchange.endpoint->snapshot->snapshot_id) : ""},
             {"bytes", exchange.method == "HEAD" ? 0 : outcome.bytes},
             {"key_id", exchange.key_id()},
             {"client", std::string_view(exchange.client)},
             {"trace_id", std::string_view(exchange.trace_id)}});
}

void RequestLog::refused_connection(std::string_view request_id, int status, std::size_t bytes) const {
  if (!wants(status)) return;
  log_.info("request", {{"request_id", request_id},
                        {"method", ""},
                        {"endpoint", "_unknown"},
                        {"status", status},
                        {"duration_ms", 0.0},
                        {"cache", ""},
                        {"rows", 0},
                        {"snapshot", ""},
                        {"bytes", bytes},
                        {"key_id", ""},
                        {"client", ""},
                        {"trace_id", ""}});
}

void RequestLog::refused_token(const Exchange& exchange, std::string_view issuer,
                               std::string_view reason) const {
  if (!log_.enabled(telemetry::Level::debug)) return;
  log_.debug("token refused",
             {{"request_id", std::string_view(exchange.request_id)}, {"issuer", issuer}, {"reason", reason}});
}

void RequestLog::query(const Exchange& exchange, std::string_view executor,
                       std::chrono::nanoseconds taken) const {
  if (log_.enabled(telemetry::Level::debug)) {
    log_.debug("query", {{"request_id", std::string_view(exchange.request_id)},
                         {"endpoint", name_of(exchange)},
                         {"executor", executor},
                         {"duration_ms", milliseconds(taken)}});
  }
  if (taken > kSlowQuery) {
    log_.warning("slow query", {{"request_id", std::string_view(exchange.request_id)},
                                {"endpoint", name_of(exchange)},
                                {"executor", executor},
                                {"duration_ms", milliseconds(taken)},
                                {"shape", exchange.shape ? query::to_text(*exchange.shape) : std::string()}});
  }
}

void RequestLog::failure(const Exchange& exchange, const Error& error) const {
  log_.error("request failed",
             {{"request_id", std::string_view(exchange.request_id)},
              {"code", offloader::name_of(error.code)},
              {"error", std::string_view(error.message)},
              // An internal error may come from the database and quote data.
              {"detail", error.code == ErrorCode::internal ? without_values(error.detail) : error.detail}});
}

std::string without_values(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'' || c == '"') {
      // An unclosed quote may be an apostrophe or a value that was cut off. Mask the rest in either case.
      const std::size_t end = text.find(c, i + 1);
      out.append(1, c).append("…");
      if (end == std::string_view::npos) return out;
      out.push_back(c);
      i = end;
    } else if (ascii::is_digit(c)) {
      while (i + 1 < text.size() && (ascii::is_digit(text[i + 1]) || text[i + 1] == '.')) ++i;
      out.append("…");
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string trace_id_of(std::optional<std::string_view> traceparent) {
  if (!traceparent || traceparent->size() < 55 || (*traceparent)[2] != '-' || (*traceparent)[35] != '-')
    return {};
  const std::string_view id = traceparent->substr(3, 32);
  const bool hex = std::all_of(id.begin(), id.end(), ascii::is_lower_hex);
  return hex ? std::string(id) : std::string();
}

}  // namespace offloader::api
