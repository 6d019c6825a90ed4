#include "http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

namespace offloader::app {

HttpClient::~HttpClient() {
  close();
}

void HttpClient::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  buffered_.clear();
}

bool HttpClient::connect() {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return false;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval patience{60, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
  close();
  return false;
}

bool HttpClient::write_all(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool HttpClient::fill() {
  char bytes[65536];
  const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  buffered_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

bool HttpClient::take(std::size_t size, std::string& out) {
  while (buffered_.size() < size) {
    if (!fill()) return false;
  }
  out.append(buffered_, 0, size);
  buffered_.erase(0, size);
  return true;
}

bool HttpClient::read_chunks(std::string& body) {
  while (true) {
    std::size_t end = 0;
    while ((end = buffered_.find("\r\n")) == std::string::npos) {
      if (!fill()) return false;
    }
    const std::size_t size = std::stoul(buffered_.substr(0, end), nullptr, 16);
    buffered_.erase(0, end + 2);
    std::string line_end;
    if (!take(size, body) || !take(2, line_end) || line_end != "\r\n") return false;
    if (size == 0) return true;
  }
}

bool HttpClient::read_answer(Answer& answer, bool head) {
  std::size_t end = 0;
  while ((end = buffered_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return false;
  }
  std::string_view lines = std::string_view(buffered_).substr(0, end);
  if (lines.size() < 12) return false;
  answer.status = std::stoi(std::string(lines.substr(9, 3)));
  while (true) {
    const auto next = lines.find("\r\n");
    if (next == std::string_view::npos) break;
    lines.remove_prefix(next + 2);
    const std::string_view line = lines.substr(0, lines.find("\r\n"));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    answer.headers[name] = value;
  }
  buffered_.erase(0, end + 4);
  const bool bodyless = head || answer.status == 204 || answer.status == 304;
  const auto length = answer.headers.find("content-length");
  if (!bodyless && answer.headers.contains("transfer-encoding")) {
    if (!read_chunks(answer.body)) return false;
  } else {
    const std::size_t size = bodyless || length == answer.headers.end() ? 0 : std::stoul(length->second);
    if (!take(size, answer.body)) return false;
  }
  const auto connection = answer.headers.find("connection");
  if (connection != answer.headers.end() && connection->second == "close") close();
  return true;
}

Answer HttpClient::get(const std::string& target, const std::vector<std::string>& headers) {
  return send("GET", target, headers);
}

Answer HttpClient::send(const std::string& method, const std::string& target,
                        const std::vector<std::string>& headers, std::string_view body) {
  std::string request = method + " " + target + " HTTP/1.1\r\nhost: localhost\r\n";
  for (const std::string& header : headers) request += header + "\r\n";
  if (!body.empty()) request += "content-length: " + std::to_string(body.size()) + "\r\n";
  request += "\r\n";
  request += body;
  for (int attempt = 0; attempt < 2; ++attempt) {
    const bool kept = socket_ >= 0;
    if (!kept && !connect()) return {};
    Answer answer;
    if (write_all(request) && read_answer(answer, method == "HEAD")) return answer;
    close();
    if (!kept) return {};
  }
  return {};
}

}  // namespace offloader::app
