#include "http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "offloader/base/ascii.h"

namespace offloader::cli {
namespace {

constexpr std::size_t kMaxBody = 64U << 20;

std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* to) {
  auto& body = *static_cast<std::string*>(to);
  if (body.size() + count > kMaxBody) return 0;
  body.append(bytes, count);
  return count;
}

std::size_t take_header(char* bytes, std::size_t, std::size_t count, void* to) {
  const std::string_view line(bytes, count);
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return count;
  auto& headers = *static_cast<std::map<std::string, std::string>*>(to);
  headers[ascii::to_lower(line.substr(0, colon))] = ascii::trim(line.substr(colon + 1));
  return count;
}

Result<HttpAnswer> request(const std::string& url, const std::vector<std::string>& headers,
                           std::chrono::milliseconds timeout, bool post) {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (global != CURLE_OK || !curl) return fail(ErrorCode::internal, "libcurl cannot be started");
  curl_slist* raw_lines = nullptr;
  for (const std::string& header : headers) raw_lines = curl_slist_append(raw_lines, header.c_str());
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> lines(raw_lines, curl_slist_free_all);
  HttpAnswer answer;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, lines.get());
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &answer.headers);
  if (post) {
    curl_easy_setopt(curl.get(), CURLOPT_POST, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE, 0L);
  }
  const CURLcode outcome = curl_easy_perform(curl.get());
  if (outcome != CURLE_OK) return fail(ErrorCode::unavailable, curl_easy_strerror(outcome), url);
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

}  // namespace

Result<HttpAnswer> http_get(const std::string& url, const std::vector<std::string>& headers,
                            std::chrono::milliseconds timeout) {
  return request(url, headers, timeout, false);
}

Result<HttpAnswer> http_post(const std::string& url, const std::vector<std::string>& headers,
                             std::chrono::milliseconds timeout) {
  return request(url, headers, timeout, true);
}

}  // namespace offloader::cli
