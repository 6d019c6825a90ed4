#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What stands before a request's body, read strictly: consumer-api.md, "HTTP", and RFC 9112 where it says
// less.
namespace offloader::http {

// Why a request is refused: the status of the answer, after which the connection closes.
struct Refusal {
  int status = 400;
  std::string_view message;  // for people; of static storage
};

class RequestHead {
 public:
  static constexpr std::size_t kMaxFields = 100;

  // Takes one complete head (request line to empty line, CRLF ends). The views it hands out point into
  // `head`. Nothing when it is sound.
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
  std::string rewritten_target_;  // of an absolute-form without a path
  std::vector<Field> fields_;
  mutable std::deque<std::string> joined_;  // values of repeated fields, made when asked for
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
