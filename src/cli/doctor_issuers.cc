#include <fmt/format.h>

#include "console.h"
#include "doctor_checks.h"
#include "offloader/app/store_options.h"
#include "offloader/base/url_text.h"
#include "offloader/identity/key_set_fetch.h"

namespace offloader::cli {
namespace {

Check fetched(const catalog::Issuer& issuer, transport::Transport& transport) {
  const std::string name = "issuer " + issuer.id;
  const std::string shown = without_query(issuer.jwks);  // a query may hold a signature
  const CancelFlag never;
  const auto answer = identity::fetch_key_set(transport, issuer.jwks, "", never);
  if (!answer) {
    return {name, Health::failed, shown + ": " + answer.error().message,
            "check `jwks` in the identity file, the network, OFFLOADER_CA_FILE and HTTPS_PROXY"};
  }
  const auto keys = jwt::KeySet::parse(answer->text.value_or(""));
  if (!keys)
    return {name, Health::failed, shown + ": " + keys.error().message, "check `jwks` in the identity file"};
  if (keys->keys().empty()) {
    return {name, Health::warning, shown + " has no key that can verify a signature",
            "its tokens are refused until the issuer publishes one"};
  }
  return {name, Health::ok, "fetched " + counted(keys->keys().size(), "key") + " from " + shown, ""};
}

}  // namespace

Checks check_issuers(const World& world, const catalog::LoadedProject& project) {
  Checks out;
  if (!project.catalog) return out;
  const auto options = app::store_options(world.environment);
  const auto transport = transport::make_curl_transport(
      {.ca_file = options.ca_file, .https_proxy = options.https_proxy, .no_proxy = options.no_proxy});
  for (const catalog::Issuer& issuer : project.catalog->issuers) {
    out.push_back(
        issuer.keys ? Check{"issuer " + issuer.id, Health::ok,
                            "read " + counted(issuer.keys->keys().size(), "key") + " from " + issuer.jwks, ""}
                    : fetched(issuer, *transport));
  }
  return out;
}

}  // namespace offloader::cli
