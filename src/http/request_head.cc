#include "request_head.h"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>

#include "offloader/base/ascii.h"

namespace offloader::http {

namespace beast = boost::beast;

namespace {

// Returns whether every character may occur in an RFC 3986 reg-name, an IPv4 address or a bracketed address,
// with port.
bool plausible_host(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return ascii::is_alnum(c) || std::string_view("-._~%!$&'()*+;=:[]").find(c) != std::string_view::npos;
  });
}

}  // namespace

// Beast parses the grammar. This adapter rejects what Beast accepts and the contract does not.
class RequestHead::Adapter final : public beast::http::basic_parser<true> {
 public:
  explicit Adapter(RequestHead& head) : head_(head) {
    header_limit(std::numeric_limits<std::uint32_t>::max());
    body_limit(boost::none);
    skip(true);
    eager(false);
  }

  std::optional<Refusal> refusal;

 private:
  using Verb = beast::http::verb;
  using Name = beast::http::field;
  using View = beast::string_view;
  using Code = beast::error_code;

  void refuse(Code& ec, int status, std::string_view message) {
    refusal = Refusal{status, message};
    ec = beast::http::error::bad_field;
  }

  void on_request_impl(Verb, View method, View target, int version, Code&) override {
    head_.method_ = method;
    head_.target_ = target;
    head_.http11_ = version == 11;
  }

  void on_field_impl(Name name, View text, View value, Code& ec) override {
    if (head_.fields_.size() == kMaxFields) return refuse(ec, 431, "too many header fields");
    head_.fields_.push_back({text, value});
    switch (name) {
      case Name::host:
        if (++head_.hosts_ > 1 || !plausible_host(value))
          refuse(ec, 400, "the Host header is malformed or repeated");
        break;
      case Name::content_length:
        // Beast accepts a list of equal lengths.
        if (++head_.lengths_ > 1 || head_.encodings_ > 0 ||
            value.find_first_not_of("0123456789") != View::npos)
          refuse(ec, 400, "the message's lengths conflict");
        break;
      case Name::transfer_encoding:
        if (++head_.encodings_ > 1 || head_.lengths_ > 0 || !head_.http11_ ||
            !ascii::iequals(value, "chunked")) {
          refuse(ec, 400, "the message's lengths conflict or its transfer encoding is not supported");
        }
        break;
      case Name::expect:
        head_.expects_continue_ = ascii::iequals(value, "100-continue");
        break;
      default:
        break;
    }
  }

  void on_response_impl(int, View, int, Code&) override {}
  void on_header_impl(Code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
  std::size_t on_body_impl(View body, Code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, View, Code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View body, Code&) override { return body.size(); }
  void on_finish_impl(Code&) override {}

  RequestHead& head_;
};

std::optional<Refusal> RequestHead::parse(std::string_view head) {
  fields_.clear();
  joined_.clear();
  method_ = target_ = {};
  content_length_ = 0;
  hosts_ = lengths_ = encodings_ = 0;
  http11_ = keep_alive_ = chunked_ = expects_continue_ = false;

  Adapter parser(*this);
  beast::error_code ec;
  const std::size_t taken = parser.put(boost::asio::buffer(head.data(), head.size()), ec);
  if (parser.refusal) return parser.refusal;
  if (ec || taken != head.size() || !parser.is_header_done()) {
    return Refusal{400, "the request is not well-formed HTTP"};
  }
  if (http11_ && hosts_ == 0) return Refusal{400, "the Host header is missing"};
  keep_alive_ = parser.keep_alive();
  chunked_ = parser.chunked();
  content_length_ = parser.content_length().value_or(0);
  return reduce_target();
}

std::optional<Refusal> RequestHead::reduce_target() {
  constexpr Refusal kBadTarget{400, "the request target must be a path or an http or https URL"};
  if (target_.front() == '/') return std::nullopt;
  if (target_ == "*") return method_ == "OPTIONS" ? std::nullopt : std::optional(kBadTarget);

  std::size_t scheme = 0;
  if (target_.size() > 7 && ascii::iequals(target_.substr(0, 7), "http://")) scheme = 7;
  if (target_.size() > 8 && ascii::iequals(target_.substr(0, 8), "https://")) scheme = 8;
  if (scheme == 0 || method_ == "CONNECT") return kBadTarget;
  const std::string_view rest = target_.substr(scheme);
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  if (end == 0 || !plausible_host(rest.substr(0, end))) return kBadTarget;
  target_ = rest.substr(end);
  if (target_.empty()) {
    // Without a path, OPTIONS asks about the server as a whole (RFC 9112, 3.2.4).
    target_ = method_ == "OPTIONS" ? "*" : "/";
  } else if (target_.front() == '?') {
    rewritten_target_.assign("/").append(target_);
    target_ = rewritten_target_;
  }
  return std::nullopt;
}

std::optional<std::string_view> RequestHead::header(std::string_view name) const {
  const Field* first = nullptr;
  std::string* all = nullptr;
  for (const Field& field : fields_) {
    if (!ascii::iequals(field.name, name)) continue;
    if (first == nullptr) {
      first = &field;
      continue;
    }
    if (all == nullptr) all = &joined_.emplace_back(first->value);
    all->append(", ").append(field.value);
  }
  if (all != nullptr) return std::string_view(*all);
  if (first != nullptr) return first->value;
  return std::nullopt;
}

std::size_t RequestHead::header_count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      fields_.begin(), fields_.end(), [&](const Field& field) { return ascii::iequals(field.name, name); }));
}

}  // namespace offloader::http
