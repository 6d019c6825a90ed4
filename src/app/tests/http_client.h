#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace offloader::app {

struct Answer {
  int status = 0;                              // 0: no answer
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;                            // as sent, in one piece if chunked; not decompressed
};

// A blocking HTTP/1.1 client for tests, with one kept connection to 127.0.0.1. It supports bodies with a
// Content-Length and chunked ones without trailers; the servers send nothing else unless asked. One thread.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port) : port_(port) {}
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Sends a request. `headers` are whole lines without line ends; a body adds its length to them. Reconnects
  // once if a kept connection turns out to be closed.
  Answer get(const std::string& target, const std::vector<std::string>& headers = {});
  Answer send(const std::string& method, const std::string& target,
              const std::vector<std::string>& headers = {}, std::string_view body = {});

 private:
  bool connect();
  void close();
  bool write_all(std::string_view bytes) const;
  bool read_answer(Answer& answer, bool head);
  bool read_chunks(std::string& body);
  bool fill();
  // Waits for this many bytes and moves them to the end of `out`.
  bool take(std::size_t size, std::string& out);

  std::uint16_t port_;
  int socket_ = -1;
  std::string buffered_;
};

}  // namespace offloader::app
