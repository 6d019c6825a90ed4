#include "client_certificate.h"

#include <openssl/x509v3.h>

#include <ctime>
#include <memory>
#include <string>
#include <string_view>

#include "offloader/base/ascii.h"

namespace offloader::http {
namespace {

// Returns the text of a name; empty if it has control or non-ASCII characters. A NUL, for example, would make
// a name look shorter than it is.
std::string_view plain_text(const ASN1_STRING& name) {
  const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(&name)),
                              static_cast<std::size_t>(ASN1_STRING_length(&name)));
  for (const char c : text) {
    if (c <= 0x20 || c >= 0x7f) return {};
  }
  return text;
}

std::vector<std::string> names_of(const X509& certificate) {
  struct Free {
    void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  };
  const std::unique_ptr<GENERAL_NAMES, Free> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> out;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const void* const value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
    if (type != GEN_URI && type != GEN_DNS) continue;
    const std::string_view text = plain_text(*static_cast<const ASN1_STRING*>(value));
    if (text.empty()) continue;
    if (type == GEN_DNS) {
      out.push_back("dns:" + ascii::to_lower(text));
    } else if (text.starts_with("spiffe://")) {
      out.emplace_back(text);
    }
  }
  return out;
}

}  // namespace

SystemTime expiry_of(const X509& certificate) {
  std::tm utc{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &utc) != 1) return {};
  return SystemTime(std::chrono::seconds(timegm(&utc)));
}

std::optional<ClientCertificate> client_certificate_of(const SSL& ssl) {
  const X509* const certificate = SSL_get0_peer_certificate(&ssl);
  if (certificate == nullptr || SSL_get_verify_result(&ssl) != X509_V_OK) return std::nullopt;
  return ClientCertificate{names_of(*certificate), expiry_of(*certificate)};
}

}  // namespace offloader::http
