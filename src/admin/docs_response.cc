#include "docs_response.h"

#include "docs_page.h"
#include "endpoint_docs.h"
#include "offloader/base/crypto.h"
#include "reply.h"

namespace offloader::admin {

http::Response docs_response(const serving::Generation& generation, const std::string& api_url, bool html) {
  const Json catalog = docs_json(generation, api_url);
  http::Response response;
  if (html) {
    const std::string nonce = random_hex(16);
    response.headers.append(
        "content-type: text/html; charset=utf-8\r\ncache-control: no-store\r\n"
        "x-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n");
    http::append_header(response.headers, "content-security-policy",
                        "default-src 'none'; style-src 'nonce-" + nonce + "'; script-src 'nonce-" + nonce +
                            "'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    response.body.append(docs_page(catalog, nonce));
  } else {
    response = json_response(200, catalog.dump());
  }
  response.headers.append("vary: Accept\r\n");
  return response;
}

}  // namespace offloader::admin
