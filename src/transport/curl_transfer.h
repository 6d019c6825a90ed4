#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>

#include "offloader/transport/transport.h"

namespace offloader::transport {

// One request on one curl easy handle: sets the options, fills the response from libcurl's callbacks and
// records the outcome. The transport owns it and uses it on its own thread only.
class CurlTransfer {
 public:
  // Requires: all arguments outlive the transfer.
  CurlTransfer(CURL* easy, const TransportOptions& options, const HttpRequest& request,
               HttpResponse& response);
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  // Returns the first error in setting the options. Anything but CURLE_OK means that the request must not be
  // sent: it could lack a header, or be less restricted than asked for.
  [[nodiscard]] CURLcode setup() const { return setup_; }

  // Sets the outcome and the status. Requires: libcurl has ended the transfer.
  void finish(CURLcode code);

 private:
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int on_connected(void* self, char* remote, char* local, int remote_port, int local_port);

  template <typename T>
  void set(CURLoption option, T value);
  void add_header(const std::string& header);
  bool take(const char* bytes, std::size_t count);
  void take_header(std::string_view line);

  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  CURL* easy_;
  const HttpRequest& request_;
  HttpResponse& response_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::string proxy_;
  char error_[CURL_ERROR_SIZE] = {};
  CURLcode setup_ = CURLE_OK;
  std::size_t segment_ = 0;
  bool head_read_ = false;  // what follows are trailers
  bool too_large_ = false;
  bool refused_ = false;
  bool out_of_memory_ = false;
};

}  // namespace offloader::transport
