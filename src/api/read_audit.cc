#include "read_audit.h"

#include <algorithm>
#include <array>
#include <string>
#include <variant>

namespace offloader::api {
namespace {

constexpr std::array<std::string_view, 8> kReserved = {"limit", "offset", "columns", "sort",
                                                       "by",    "totals", "cursor",  "format"};
constexpr std::string_view kUndeclared = "_unknown";

std::string_view public_name(const std::string& name, const catalog::Endpoint& contract) {
  const auto declared = std::find_if(contract.params.begin(), contract.params.end(),
                                     [&](const catalog::Param& param) { return param.name == name; });
  if (declared != contract.params.end()) return declared->name;
  const auto* const reserved = std::find(kReserved.begin(), kReserved.end(), name);
  return reserved == kReserved.end() ? kUndeclared : *reserved;
}

void add_tenant(audit::Record& record, const std::optional<identity::Grant>& grant) {
  if (!grant || !*grant->tenant) {
    record.raw("tenant", "null");
  } else if (const auto* const text = std::get_if<std::string>(&**grant->tenant)) {
    record.text("tenant", *text);
  } else {
    record.number("tenant", std::get<std::int64_t>(**grant->tenant));
  }
}

}  // namespace

void ReadAudit::record(const Exchange& exchange, int status, std::int64_t rows) const {
  if (audit_ == nullptr || !exchange.for_data) return;
  const serving::ServedEndpoint* const endpoint = exchange.endpoint;
  const bool has_snapshot = endpoint != nullptr && endpoint->snapshot != nullptr;
  audit::Record record(clock_.now(), "read");
  record.text("request_id", exchange.request_id)
      .text("client", exchange.client)
      .text_or_null("principal", exchange.key_id())
      .text_or_null("subject",
                    exchange.principal == nullptr ? "" : std::string_view(exchange.principal->subject));
  add_tenant(record, exchange.grant);
  record.text("endpoint", endpoint == nullptr ? kUndeclared : std::string_view(endpoint->contract->name))
      .raw("params", exchange.param_names.empty() ? "[]" : std::string_view(exchange.param_names))
      .text_or_null("snapshot", has_snapshot ? std::string_view(endpoint->snapshot->snapshot_id) : "")
      .number("rows", rows)
      .number("status", status);
  audit_->record_read(record, exchange.audit_room);
}

std::string names_of(const query::Params& params, const catalog::Endpoint& contract) {
  std::string out;
  std::string quoted;
  for (const query::SentParam& param : params) {
    quoted.assign("\"").append(public_name(param.name, contract)).append("\"");
    if (out.find(quoted) != std::string::npos) continue;
    out.append(out.empty() ? "[" : ",").append(quoted);
  }
  return out.empty() ? out : out.append("]");
}

}  // namespace offloader::api
