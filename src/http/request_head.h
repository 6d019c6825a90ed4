#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Parses the head of a request strictly: per consumer-api.md, "HTTP", and otherwise per RFC 9112. Not
// thread-safe.
namespace offloader::http {

// Why a request is refused. The connection answers with `status` and closes.
struct Refusal {
  int status = 400;
  std::string_view message;  // for people; in static storage
};

class RequestHead {
 public:
  static constexpr std::size_t kMaxFields = 100;

  // Parses one complete head: from the request line to the empty line, with CRLF line ends. Returns why it is
  // refused, or nullopt if it is valid. The views returned by the accessors point into `head`.
  [[nodiscard]] std::optional<Refusal> parse(std::string_view head);

  [[nodiscard]] std::string_view method() const { return method_; }
  [[nodiscard]] std::string_view target() const { return target_; }
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
  [[nodiscard]] std::size_t header_count(std::string_view name) const;

  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  [[nodiscard]] bool http11() const { return http11_; }
  [[nodiscard]] bool chunked() const { return chunked_; }
  [[nodiscard]] std::uint64_t content_length() const { return content_length_; }
  [[nodiscard]] bool has_body() const { return chunked_ || content_length_ > 0; }
  [[nodiscard]] bool expects_continue() const { return expects_continue_ && http11_; }

 private:
  class Adapter;
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  [[nodiscard]] std::optional<Refusal> reduce_target();

  std::string_view method_;
  std::string_view target_;
  std::string rewritten_target_;  // if an absolute-form target has a query but no path
  std::vector<Field> fields_;
  mutable std::deque<std::string> joined_;  // joined values of repeated fields, made on demand
  std::uint64_t content_length_ = 0;
  unsigned hosts_ = 0;
  unsigned lengths_ = 0;
  unsigned encodings_ = 0;
  bool http11_ = false;
  bool keep_alive_ = false;
  bool chunked_ = false;
  bool expects_continue_ = false;
};

}  // namespace offloader::http
