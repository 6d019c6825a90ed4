#include "format_stage.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "accept.h"
#include "compression.h"

namespace offloader::api {
namespace {

using catalog::Format;

// Returns the format that the param `format` names, nullopt if there is none. The params stage refuses a
// param that names no format of the endpoint.
std::optional<Format> named_format(const query::Params& params, const catalog::Endpoint& contract) {
  const auto sent =
      std::find_if(params.begin(), params.end(), [](const auto& param) { return param.name == "format"; });
  if (sent == params.end()) return std::nullopt;
  const auto* const row = find_row(catalog::kFormats, &catalog::FormatRow::name, sent->value);
  return row != nullptr && contract.offers(row->format) ? row->format : Format::json;
}

std::string names_of(const catalog::Endpoint& contract) {
  std::string names;
  for (const Format format : contract.formats)
    names.append(names.empty() ? "" : ", ").append(row_of(format).media_type);
  return names;
}

Error not_json_in_batch() {
  const std::string message = "param `format` must be json in a batch";
  auto problems = std::make_shared<std::vector<Problem>>();
  problems->push_back({"format", message, {"json"}});
  return {ErrorCode::invalid_param, message, {}, std::move(problems)};
}

}  // namespace

Result<Step> FormatStage::run(Exchange& exchange) const {
  exchange.format = Format::json;
  exchange.encoding = negotiate(exchange.request->header("accept-encoding"));
  if (exchange.endpoint == nullptr || !exchange.endpoint->contract->offers_formats()) return Step::next;
  const catalog::Endpoint& contract = *exchange.endpoint->contract;
  if (!exchange.params) exchange.params = query::decode_query_string(exchange.request->query());
  const auto named = *exchange.params ? named_format(**exchange.params, contract) : std::nullopt;
  if (exchange.batch != nullptr) {
    if (named && *named != Format::json) return tl::unexpected(not_json_in_batch());
    return Step::next;
  }
  const auto chosen = named ? named : choose_format(exchange.request->header("accept"), contract.formats);
  if (!chosen) {
    return fail(ErrorCode::not_acceptable,
                "the endpoint has none of the formats of Accept: ask for one of " + names_of(contract));
  }
  exchange.format = *chosen;
  exchange.exported = contract.exports && *chosen != Format::json;
  if (*chosen == Format::arrow || *chosen == Format::parquet) exchange.encoding = serving::Encoding::identity;
  return Step::next;
}

}  // namespace offloader::api
