#include "offloader/serving/envelope.h"

#include <algorithm>
#include <chrono>

#include "offloader/base/json_text.h"
#include "offloader/base/timestamp.h"

namespace offloader::serving {

namespace {

// Returns the current second as text. It is the same for thousands of answers, so each thread keeps the last
// one.
const std::string& second_as_text(SystemTime now) {
  thread_local std::chrono::sys_seconds second{};
  thread_local std::string text;
  const auto current = std::chrono::floor<std::chrono::seconds>(now);
  if (text.empty() || current != second) {
    second = current;
    text = to_rfc3339(now);
  }
  return text;
}

void append_totals(std::string& out, const AnswerTotals& totals) {
  if (totals.rows) {
    out.append(R"(,"total_rows":)");
    json::append_int(out, *totals.rows);
  }
  if (!totals.grand.empty()) out.append(R"(,"totals":)").append(totals.grand);
}

// Appends the members of a problem. The message comes first beside `family`, where it has always been.
enum class Place { top, listed };
void append_problem(std::string& out, const Problem& problem, Place place) {
  const auto member = [&](const char* name, std::string_view text) {
    out.append(name);
    json::append_string(out, text);
  };
  if (place == Place::listed && !problem.param.empty()) {
    member(R"("param":)", problem.param);
    out.push_back(',');
  }
  member(R"("message":)", problem.message);
  if (place == Place::top && !problem.param.empty()) member(R"(,"param":)", problem.param);
  if (problem.allowed.empty()) return;
  const char* before = R"(,"allowed":[)";
  for (const std::string& value : problem.allowed) {
    member(before, value);
    before = ",";
  }
  out.push_back(']');
}

}  // namespace

std::string_view name_of(CacheResult result) {
  switch (result) {
    case CacheResult::hit:
      return "hit";
    case CacheResult::miss:
      return "miss";
    case CacheResult::off:
      return "off";
  }
  return "off";
}

Freshness freshness_of(const ServedEndpoint& endpoint, SystemTime now) {
  Freshness out;
  const auto age = std::chrono::floor<std::chrono::seconds>(now - endpoint.snapshot->watermark_time);
  out.age_seconds = std::max<std::int64_t>(0, age.count());
  out.max_staleness_minutes = endpoint.contract->max_staleness_minutes;
  out.stale = out.max_staleness_minutes &&
              now - endpoint.snapshot->watermark_time > std::chrono::minutes(*out.max_staleness_minutes);
  return out;
}

void append_meta(std::string& out, const ServedEndpoint& endpoint, const MetaFacts& facts, SystemTime now) {
  const catalog::Endpoint& contract = *endpoint.contract;
  const ServedSnapshot& snapshot = *endpoint.snapshot;
  const Freshness freshness = freshness_of(endpoint, now);
  // Ids and names need no escaping because of their shapes. The watermark is text of the producer.
  out.append(R"({"request_id":")").append(facts.request_id);
  out.append(R"(","endpoint":")").append(contract.name);
  out.append(R"(","version":)");
  json::append_int(out, contract.version);
  out.append(R"(,"snapshot_id":")").append(snapshot.snapshot_id);
  out.append(R"(","generated_at":")").append(second_as_text(now));
  out.append(R"(","row_count":)");
  json::append_int(out, facts.row_count);
  out.append(R"(,"has_more":)").append(facts.has_more ? "true" : "false");
  if (facts.pages_by_cursor) {
    // Base64url needs no escaping.
    out.append(R"(,"next_cursor":)");
    if (facts.next_cursor.empty()) {
      out.append("null");
    } else {
      out.append("\"").append(facts.next_cursor).append("\"");
    }
  }
  if (facts.snapshot_changed)
    out.append(R"(,"snapshot_changed":)").append(*facts.snapshot_changed ? "true" : "false");
  if (facts.totals != nullptr) append_totals(out, *facts.totals);
  out.append(R"(,"serving_mode":")").append(catalog::name_of(contract.serving_mode));
  out.append(R"(","cache":")").append(name_of(facts.cache));
  out.append(R"(","freshness":{"watermark":)");
  json::append_string(out, snapshot.watermark);
  out.append(R"(,"age_seconds":)");
  json::append_int(out, freshness.age_seconds);
  out.append(R"(,"max_staleness_minutes":)");
  if (freshness.max_staleness_minutes) {
    json::append_int(out, *freshness.max_staleness_minutes);
  } else {
    out.append("null");
  }
  out.append(R"(,"stale":)").append(freshness.stale ? "true}}" : "false}}");
}

PublicError to_public(ErrorCode code) {
  constexpr int kBusyRetry = 1;
  constexpr int kNotReadyRetry = 5;
  switch (code) {
    case ErrorCode::invalid_param:
      return {"invalid_param", 422, {}};
    case ErrorCode::unauthorized:
      return {"unauthorized", 401, {}};
    case ErrorCode::rate_limited:
      return {"rate_limited", 429, {}};
    case ErrorCode::not_found:
      return {"not_found", 404, {}};
    case ErrorCode::not_ready:
      return {"not_ready", 503, kNotReadyRetry};
    case ErrorCode::busy:
    case ErrorCode::no_memory:
      return {"not_ready", 503, kBusyRetry};
    case ErrorCode::timeout:
      return {"timeout", 504, {}};
    case ErrorCode::bad_request:
      return {"bad_request", 400, {}};
    case ErrorCode::too_large:
      return {"bad_request", 413, {}};
    case ErrorCode::method_not_allowed:
      return {"method_not_allowed", 405, {}};
    case ErrorCode::not_acceptable:
      return {"not_acceptable", 406, {}};
    case ErrorCode::unsupported_media_type:
      return {"unsupported_media_type", 415, {}};
    case ErrorCode::cursor_expired:
      return {"cursor_expired", 410, {}};
    case ErrorCode::conflict:
      return {"conflict", 409, {}};
    case ErrorCode::invalid_config:
      return {"invalid_config", 422, {}};
    // The client should retry: a damaged or unreachable snapshot is being replaced.
    case ErrorCode::corrupt:
    case ErrorCode::changed:
    case ErrorCode::unavailable:
      return {"not_ready", 503, kNotReadyRetry};
    case ErrorCode::cancelled:
    case ErrorCode::rejected:
    case ErrorCode::no_space:
    case ErrorCode::internal:
      return {"internal", 500, {}};
  }
  return {"internal", 500, {}};
}

std::string_view family_of(int status) {
  return status == 503 ? "not_ready" : status >= 500 ? "internal" : "bad_request";
}

std::string error_body(std::string_view family, std::string_view message, std::string_view request_id,
                       std::span<const Problem> problems) {
  std::string out(R"({"error":{"family":)");
  json::append_string(out, family);
  if (problems.empty()) {
    out.append(R"(,"message":)");
    json::append_string(out, message);
  } else {
    append_problem(out.append(","), problems.front(), Place::top);
  }
  if (problems.size() > 1) {
    const char* before = R"(,"problems":[{)";
    for (const Problem& problem : problems) {
      append_problem(out.append(before), problem, Place::listed);
      before = "},{";
    }
    out.append("}]");
  }
  out.append(R"(},"meta":{"request_id":)");
  json::append_string(out, request_id);
  out.append("}}");
  return out;
}

}  // namespace offloader::serving
