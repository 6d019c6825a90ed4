#include "reader.h"

namespace offloader::settings {
namespace {

void read_pem(Reader& reader, const std::string& name, const char* content, std::filesystem::path& out) {
  const auto path = reader.text(name);
  if (!path) return;
  const auto text = reader.file(*path);
  if (!text || text->find("-----BEGIN ") == std::string::npos) {
    reader.wrong(name, *path,
                 std::string("Use the path of a readable PEM file with ") + content + ", of at most 1 MiB");
  } else {
    out = *path;
  }
}

}  // namespace

void read_tls(Reader& reader, const std::string& prefix, TlsSettings& out) {
  const std::string certificate = prefix + "_CERT";
  const std::string key = prefix + "_KEY";
  const std::string client_ca = prefix + "_CLIENT_CA";
  read_pem(reader, certificate, "the certificate and its intermediates", out.certificate);
  read_pem(reader, key, "the private key of the certificate", out.key);
  read_pem(reader, client_ca, "the authorities of client certificates", out.client_ca);
  const bool has_certificate = reader.text(certificate).has_value();
  const bool has_key = reader.text(key).has_value();
  if (has_certificate != has_key) {
    const std::string& missing = has_key ? certificate : key;
    reader.errors.push_back(missing + " is not set, but " + (has_key ? key : certificate) +
                            " is. Set both or neither.");
  } else if (!has_certificate && reader.text(client_ca)) {
    reader.errors.push_back(client_ca + " requires TLS. Set " + certificate + " and " + key + " too.");
  }
}

}  // namespace offloader::settings
