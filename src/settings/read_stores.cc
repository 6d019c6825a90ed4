#include <algorithm>
#include <cctype>

#include "offloader/base/ascii.h"
#include "offloader/base/url.h"
#include "reader.h"

namespace offloader::settings {
namespace {

constexpr const char* kEndpoint = "Use a host, host:port or a URL without a path";

// Accepts host, host:port, http://host:port and https://host:port.
bool is_endpoint(const std::string& value) {
  const auto url = parse_url(looks_like_url(value) ? value : "https://" + value);
  return url && url->is_web() && url->target() == "/" && value.find_first_of("?#") == std::string::npos;
}

void read_endpoint(Reader& reader, const std::string& name, std::string& out) {
  const auto value = reader.text(name);
  if (!value) return;
  if (is_endpoint(*value)) {
    out = *value;
  } else if (value->find('@') != std::string::npos) {
    // The text before an @ may hold a password, so do not repeat it.
    reader.errors.push_back(name + " contains a user name or password. " + kEndpoint + ".");
  } else {
    reader.wrong(name, *value, kEndpoint);
  }
}

std::vector<std::pair<std::string, std::string>> words(std::initializer_list<const char*> all) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const char* word : all) out.emplace_back(word, word);
  return out;
}

void read_s3(Reader& reader, StoreSettings& out) {
  reader.word<std::string>("OFFLOADER_S3_TYPE", out.s3_type, words({"s3", "gcs"}));
  reader.word<std::string>("OFFLOADER_S3_AUTH", out.s3_auth, words({"chain"}));
  const std::size_t errors = reader.errors.size();
  out.s3_key_id = reader.secret("OFFLOADER_S3_KEY_ID");
  out.s3_secret = reader.secret("OFFLOADER_S3_SECRET");
  const bool keys_valid = reader.errors.size() == errors;
  out.s3_session_token = reader.secret("OFFLOADER_S3_SESSION_TOKEN");
  if (keys_valid && out.s3_key_id.empty() != out.s3_secret.empty()) {
    reader.errors.push_back(
        out.s3_key_id.empty()
            ? "OFFLOADER_S3_KEY_ID is not set, but OFFLOADER_S3_SECRET is. Set both or neither."
            : "OFFLOADER_S3_SECRET is not set, but OFFLOADER_S3_KEY_ID is. Set both or neither.");
  }
  if (const auto region = reader.text("OFFLOADER_S3_REGION")) {
    const bool sound = std::all_of(region->begin(), region->end(),
                                   [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
    if (sound) {
      out.s3_region = *region;
    } else {
      reader.wrong("OFFLOADER_S3_REGION", *region, "Use a region such as us-east-1");
    }
  }
  read_endpoint(reader, "OFFLOADER_S3_ENDPOINT", out.s3_endpoint);
  reader.word<std::string>("OFFLOADER_S3_URL_STYLE", out.s3_url_style, words({"vhost", "path"}));
  reader.word<std::optional<bool>>("OFFLOADER_S3_USE_SSL", out.s3_use_ssl,
                                   {{"true", true}, {"false", false}, {"1", true}, {"0", false}});
}

void read_gcs(Reader& reader, StoreSettings& out) {
  reader.word<std::string>("OFFLOADER_GCS_AUTH", out.gcs_auth,
                           words({"bearer", "none", "anonymous", "public"}));
  out.gcs_token = reader.secret("OFFLOADER_GCS_TOKEN");
  read_endpoint(reader, "OFFLOADER_GCS_ENDPOINT", out.gcs_endpoint);
}

}  // namespace

void read_stores(Reader& reader, StoreSettings& out) {
  read_s3(reader, out);
  read_gcs(reader, out);
  if (const auto file = reader.text("OFFLOADER_CA_FILE")) {
    const auto text = reader.file(*file);
    if (!text || text->find("-----BEGIN ") == std::string::npos) {
      reader.wrong("OFFLOADER_CA_FILE", *file,
                   "Use the path of a readable PEM file with certificates, of at most 1 MiB");
    } else {
      out.ca_file = *file;
    }
  }
  // Both spellings are common. The upper-case one is documented and wins.
  for (const char* name : {"HTTPS_PROXY", "https_proxy"}) {
    const auto proxy = reader.text(name);
    if (!proxy || !out.https_proxy.empty()) continue;
    const bool sound = std::all_of(proxy->begin(), proxy->end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (sound) {
      out.https_proxy = *proxy;
    } else {
      reader.errors.push_back(std::string(name) +
                              " contains spaces, control or non-ASCII characters. Use the URL of a proxy.");
    }
  }
  out.no_proxy = reader.text("NO_PROXY").value_or(reader.text("no_proxy").value_or(""));
}

StoreSettings parse_stores(const Environment& environment) {
  Reader reader(environment);
  StoreSettings out;
  read_stores(reader, out);
  return out;
}

}  // namespace offloader::settings
