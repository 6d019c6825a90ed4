#include "list_stage.h"

#include "etag_match.h"
#include "offloader/base/crypto.h"
#include "offloader/base/json_text.h"

namespace offloader::api {
namespace {

std::string list_of(const serving::Generation& generation, const identity::Principal& principal) {
  std::string out(R"({"data":[)");
  for (const identity::Grant& grant : principal.grants()) {
    const catalog::Endpoint& contract = *generation.endpoint_of(grant).contract;
    // Names need no escaping because of their shape. The description is free text.
    out.append(out.back() == '[' ? R"({"name":")" : R"(,{"name":")").append(contract.name);
    out.append(R"(","version":)");
    json::append_int(out, contract.version);
    out.append(R"(,"description":)");
    json::append_string(out, contract.description);
    out.append(R"(,"path":"/v1/endpoints/)").append(contract.name).append("\"}");
  }
  return out;
}

}  // namespace

Result<Step> ListStage::run(Exchange& exchange) const {
  const bool open = exchange.principal->anonymous;
  std::string list = list_of(*exchange.generation, *exchange.principal);
  std::string etag = "W/\"";
  append_hex(etag, keyed_digest(exchange.generation->etag_key, list));
  etag.push_back('"');
  std::string headers;
  finish_.headers().append_listing(headers, etag, open);
  const auto if_none_match = exchange.request->header("if-none-match");
  if (if_none_match && etag_matches(*if_none_match, etag)) {
    http::Response response;
    response.status = 304;
    response.headers = std::move(headers);
    finish_.headers().append_common(response.headers, exchange);
    finish_.served(exchange, std::move(response));
    return Step::finished;
  }
  exchange.head = "content-type: application/json\r\n" + headers;
  list.append(R"(],"meta":)");
  exchange.answer = std::make_shared<const serving::CachedAnswer>(std::move(list), 0, false, std::string());
  return Step::next;
}

}  // namespace offloader::api
