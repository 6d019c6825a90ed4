#include "offloader/transport/testing/request_text.h"

#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace offloader::transport::testing {
namespace {

constexpr std::size_t kMostBytes = 16 << 20;

bool receive(int fd, std::string& buffered) {
  char bytes[16384];
  const ssize_t count = ::recv(fd, bytes, sizeof bytes, 0);
  if (count <= 0 || buffered.size() > kMostBytes) return false;
  buffered.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::optional<Request> read_request(int fd, std::string& buffered) {
  std::size_t end = 0;
  while ((end = buffered.find("\r\n\r\n")) == std::string::npos) {
    if (!receive(fd, buffered)) return std::nullopt;
  }
  Request request;
  const std::string_view head = std::string_view(buffered).substr(0, end);
  std::size_t at = std::min(head.find("\r\n"), head.size());
  const std::string_view first = head.substr(0, at);
  const std::size_t space = first.find(' ');
  const std::size_t last = first.rfind(' ');
  if (space == std::string_view::npos || last <= space) return std::nullopt;
  request.method = first.substr(0, space);
  const std::string_view target = first.substr(space + 1, last - space - 1);
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  if (mark < target.size()) request.query = target.substr(mark + 1);
  while (at < head.size()) {
    at += 2;
    const std::size_t line_end = std::min(head.find("\r\n", at), head.size());
    const std::string_view line = head.substr(at, line_end - at);
    const std::size_t colon = std::min(line.find(':'), line.size());
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    request.headers[lower(line.substr(0, colon))] = value;
    at = line_end;
  }
  const std::size_t length = std::strtoull(request.header("content-length").c_str(), nullptr, 10);
  while (buffered.size() < end + 4 + length) {
    if (!receive(fd, buffered)) return std::nullopt;
  }
  request.body = buffered.substr(end + 4, length);
  buffered.erase(0, end + 4 + length);
  return request;
}

std::string percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

std::string percent_encoded(std::string_view text, bool keep_slash) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        (byte < 0x80 && std::isalnum(byte) != 0) || c == '-' || c == '_' || c == '.' || c == '~';
    if (plain || (keep_slash && c == '/')) {
      out.push_back(c);
    } else {
      out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  return out;
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string form_field(std::string_view form, std::string_view name) {
  for (std::size_t at = 0; at < form.size();) {
    const std::size_t end = std::min(form.find('&', at), form.size());
    const std::string_view pair = form.substr(at, end - at);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (percent_decoded(pair.substr(0, equals), true) == name) {
      return percent_decoded(pair.substr(std::min(equals + 1, pair.size())), true);
    }
    at = end + 1;
  }
  return {};
}

std::string Request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

std::string Request::param(const std::string& name) const {
  return form_field(query, name);
}

}  // namespace offloader::transport::testing
