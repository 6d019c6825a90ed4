#include "audit_page.h"

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "offloader/base/identifier.h"
#include "offloader/base/json_text.h"
#include "offloader/query/params.h"

namespace offloader::admin {
namespace {

// Returns a whole number from 1 to `most`; nullopt if the text is no such number.
std::optional<std::uint64_t> number_up_to(std::string_view text, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0 || value > most)
    return std::nullopt;
  return value;
}

}  // namespace

Result<audit::PageQuery> read_audit_query(std::string_view query) {
  auto params = query::decode_query_string(query);
  if (!params) return fail(std::move(params.error()));
  audit::PageQuery out;
  std::string seen;
  for (const auto& [name, value, form] : *params) {
    const std::string mark = name + ";";
    if (seen.find(mark) != std::string::npos)
      return fail(ErrorCode::invalid_param, "a param is given more than once");
    seen.append(mark);
    if (name == "limit") {
      const auto limit = number_up_to(value, kMostAuditLines);
      if (!limit) {
        return fail(ErrorCode::invalid_param,
                    "limit must be a whole number from 1 to " + std::to_string(kMostAuditLines));
      }
      out.limit = *limit;
    } else if (name == "before") {
      const auto before = number_up_to(value, std::numeric_limits<std::uint64_t>::max());
      if (!before) return fail(ErrorCode::invalid_param, "before must be the seq of a record");
      out.before = *before;
    } else if (name == "event" && is_identifier(value)) {
      out.event = value;
    } else {
      return fail(ErrorCode::invalid_param, "the params are limit, before and event, the name of an event");
    }
  }
  return out;
}

std::string audit_page(const audit::Audit& audit, const audit::PageQuery& query) {
  std::string out(R"({"ok":)");
  json::append_bool(out, audit.ok());
  out.append(R"(,"file":)");
  json::append_bool(out, audit.has_file());
  out.append(R"(,"last_seq":)");
  json::append_uint(out, audit.last_seq());
  out.append(R"(,"records":[)");
  const audit::Page page = audit.newest(query);
  for (const std::string& line : page.lines) {
    // A line of a file that somebody changed may be anything.
    if (!nlohmann::json::accept(line)) continue;
    if (out.back() != '[') out.push_back(',');
    out.append(line);
  }
  out.append(R"(],"next_before":)");
  if (page.next_before == 0) {
    out.append("null}");
  } else {
    json::append_uint(out, page.next_before);
    out.push_back('}');
  }
  return out;
}

}  // namespace offloader::admin
