#include "curl_transfer.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <string_view>

#include "offloader/base/ascii.h"
#include "offloader/base/url.h"
#include "offloader/transport/address_policy.h"
#include "proxy_bypass.h"

namespace offloader::transport {
namespace {

// libcurl measures its timeout in whole milliseconds from its own start, so it may end slightly before our
// deadline.
constexpr std::chrono::milliseconds kTimerSlack{5};
constexpr std::uint64_t kErrorBodyLimit = 64 * 1024;

}  // namespace

template <typename T>
void CurlTransfer::set(CURLoption option, T value) {
  if (setup_ == CURLE_OK) setup_ = curl_easy_setopt(easy_, option, value);
}

void CurlTransfer::add_header(const std::string& header) {
  curl_slist* const longer = curl_slist_append(headers_.get(), header.c_str());
  if (longer == nullptr) {
    setup_ = CURLE_OUT_OF_MEMORY;
    return;
  }
  static_cast<void>(headers_.release());
  headers_.reset(longer);
}

CurlTransfer::CurlTransfer(CURL* easy, const TransportOptions& options, const HttpRequest& request,
                           HttpResponse& response)
    : easy_(easy), request_(request), response_(response) {
  for (const std::string& header : request.headers) add_header(header);
  const auto remaining = std::chrono::duration_cast<std::chrono::milliseconds>(
                             request.deadline - std::chrono::steady_clock::now())
                             .count();
  const long timeout = static_cast<long>(std::max<std::int64_t>(remaining, 1));

  // libcurl accepts URLs that parse_url rejects. Pass an empty one instead of those, which makes the transfer
  // fail.
  const auto parsed = parse_url(request.url);
  const bool web = parsed && parsed->is_web();
  set(CURLOPT_URL, web ? parsed->text().c_str() : "");
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_TIMEOUT_MS, timeout);
  set(CURLOPT_CONNECTTIMEOUT_MS, std::min(timeout, static_cast<long>(request.connect_timeout.count())));
  set(CURLOPT_LOW_SPEED_LIMIT, options.floor.bytes_per_second);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.floor.window.count()));
  set(CURLOPT_BUFFERSIZE, 256L * 1024);
  set(CURLOPT_ERRORBUFFER, error_);
  set(CURLOPT_HTTPHEADER, headers_.get());
  if (request.decode) set(CURLOPT_ACCEPT_ENCODING, "");  // whatever libcurl can decode
  set(CURLOPT_SSL_VERIFYPEER, options.verify_server ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, options.verify_server ? 2L : 0L);
  if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
  if (request.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (request.method == "POST") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.c_str());
  } else if (request.method != "GET") {
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  // Always set, even if empty: otherwise libcurl reads the proxy from the environment.
  const bool https = web && parsed->scheme == Url::Scheme::https;
  if (https && !request.direct && !bypasses_proxy(options.no_proxy, parsed->host)) {
    proxy_ = options.https_proxy;
  }
  set(CURLOPT_PROXY, proxy_.c_str());

  set(CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  if (request.cancel != nullptr) {
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &CurlTransfer::on_progress);
    set(CURLOPT_XFERINFODATA, this);
  }
  if (request.public_only) {
    if (proxy_.empty()) {
      set(CURLOPT_OPENSOCKETFUNCTION, &CurlTransfer::on_open_socket);
      set(CURLOPT_OPENSOCKETDATA, this);
      // A reused connection opens no socket, so check its address as well.
      set(CURLOPT_PREREQFUNCTION, &CurlTransfer::on_connected);
      set(CURLOPT_PREREQDATA, this);
    } else {
      // The proxy resolves the name, so only the name can be checked here. parse_url already rejects names
      // that a resolver might read as an address.
      const std::string& host = parsed->host;
      const bool is_name =
          host.find(':') == std::string::npos && host.find_first_not_of("0123456789.") != std::string::npos;
      const bool local = host == "localhost" || host.ends_with(".localhost") || host.ends_with(".internal") ||
                         host.ends_with(".local") || host.find('.') == std::string::npos;
      refused_ = is_name ? local : !is_public_address(host);
      if (refused_) set(CURLOPT_URL, "");
    }
  }
}

std::size_t CurlTransfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  // libcurl is C: no exception may pass through it.
  auto* const transfer = static_cast<CurlTransfer*>(self);
  try {
    return transfer->take(bytes, size * count) ? size * count : 0;
  } catch (const std::exception&) {
    transfer->out_of_memory_ = true;
    return 0;
  }
}

bool CurlTransfer::take(const char* bytes, std::size_t count) {
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  const std::uint64_t begin = response_.received;
  response_.received += count;
  if (request_.came != nullptr) (*request_.came)();
  if (status < 300 && request_.sink != nullptr) return (*request_.sink)({bytes, count});
  if (status == 206 && !request_.segments.empty()) {
    if (response_.received > request_.expected) {
      too_large_ = true;
      return false;
    }
    while (segment_ < request_.segments.size()) {
      const BodySegment& segment = request_.segments[segment_];
      const std::uint64_t from = std::max(begin, segment.offset);
      const std::uint64_t to = std::min(response_.received, segment.offset + segment.length);
      if (from < to) std::memcpy(segment.buffer + (from - segment.offset), bytes + (from - begin), to - from);
      if (response_.received < segment.offset + segment.length) break;
      ++segment_;
    }
    return true;
  }
  const std::uint64_t limit = status >= 300 ? kErrorBodyLimit : request_.limit;
  if (response_.received > limit) {
    too_large_ = true;
    return false;
  }
  response_.body.append(bytes, count);
  return true;
}

std::size_t CurlTransfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto* const transfer = static_cast<CurlTransfer*>(self);
  try {
    transfer->take_header({bytes, size * count});
    return size * count;
  } catch (const std::exception&) {
    transfer->out_of_memory_ = true;
    return 0;
  }
}

void CurlTransfer::take_header(std::string_view line) {
  // A new status line (after 100 Continue or a proxy's CONNECT) starts a new set of headers.
  if (line.starts_with("HTTP/")) {
    response_.headers.clear();
    head_read_ = false;
  }
  if (ascii::trim(line, ascii::is_space).empty()) head_read_ = true;
  std::map<std::string, std::string>& lines = head_read_ ? response_.trailers : response_.headers;
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos && lines.size() < 200)
    lines[ascii::to_lower(line.substr(0, colon))] = ascii::trim(line.substr(colon + 1), ascii::is_space);
}

int CurlTransfer::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<CurlTransfer*>(self)->request_.cancel->cancelled() ? 1 : 0;
}

curl_socket_t CurlTransfer::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  if (!is_public_address(&address->addr)) {
    static_cast<CurlTransfer*>(self)->refused_ = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int CurlTransfer::on_connected(void* self, char* remote, char*, int, int) {
  if (is_public_address(std::string(remote))) return CURL_PREREQFUNC_OK;
  static_cast<CurlTransfer*>(self)->refused_ = true;
  return CURL_PREREQFUNC_ABORT;
}

void CurlTransfer::finish(CURLcode code) {
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  if (code == CURLE_OK) {
    response_.outcome = Outcome::answered;
    return;
  }
  response_.failure = error_[0] != '\0' ? error_ : curl_easy_strerror(code);
  const bool cancelled = request_.cancel != nullptr && request_.cancel->cancelled();
  if (out_of_memory_) {
    response_.outcome = Outcome::failed;
    response_.failure = "out of memory";
  } else if (too_large_ && response_.status >= 300) {
    // An error page may exceed the limit: the status alone says what is wrong.
    response_.outcome = Outcome::answered;
  } else if (too_large_) {
    response_.outcome = Outcome::too_large;
  } else if (refused_) {
    response_.outcome = Outcome::refused;
  } else if (cancelled) {
    response_.outcome = Outcome::cancelled;
  } else if (code == CURLE_OPERATION_TIMEDOUT &&
             std::chrono::steady_clock::now() + kTimerSlack >= request_.deadline) {
    response_.outcome = Outcome::timed_out;
  } else if (code == CURLE_OPERATION_TIMEDOUT && response_.received > 0) {
    // Neither the deadline nor the connect timeout has passed, so this is the transfer floor.
    response_.outcome = Outcome::stalled;
  } else {
    response_.outcome = Outcome::failed;
  }
}

}  // namespace offloader::transport
