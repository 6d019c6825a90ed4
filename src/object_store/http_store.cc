#include "http_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "answer_error.h"
#include "conversation.h"
#include "offloader/object_store/store_options.h"
#include "offloader/transport/http_date.h"
#include "range_reader.h"
#include "s3_listing.h"
#include "store_url.h"
#include "url_policy_check.h"

namespace offloader::object_store {
namespace {

constexpr int kRedirects = 5;
constexpr std::string_view kDateTag = "date:";
constexpr std::string_view kLengthTag = "length:";

// Returns the length of the whole object; for the answer to a range, the part after the slash. Empty if it is
// not reported.
std::string whole_length(const transport::HttpResponse& answer) {
  if (answer.status != 206 && answer.status != 416) return answer.header("content-length");
  const std::string range = answer.header("content-range");
  const auto slash = range.find('/');
  return slash == std::string::npos ? std::string() : range.substr(slash + 1);
}

// Returns the ETag. Without one, returns `date:{Last-Modified}length:{bytes}`, of which either part may be
// missing. The date alone is not enough: it has whole seconds, and a file may be replaced within one.
std::string tag_of(const transport::HttpResponse& answer) {
  std::string tag = unquoted_etag(answer.header("etag"));
  if (!tag.empty()) return tag;
  if (const std::string modified = answer.header("last-modified"); !modified.empty())
    tag.append(kDateTag).append(modified);
  if (const std::string length = whole_length(answer); !length.empty() && length != "*")
    tag.append(kLengthTag).append(length);
  return tag;
}

// Returns the date in a tag made by tag_of; empty if it has none.
std::string date_of(const std::string& tag) {
  if (!tag.starts_with(kDateTag)) return {};
  const std::string rest = tag.substr(kDateTag.size());
  return rest.substr(0, rest.find(kLengthTag));
}

bool is_etag(const std::string& tag) {
  return !tag.empty() && !tag.starts_with(kDateTag) && !tag.starts_with(kLengthTag);
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Returns the target of a redirect if it has the same origin, else nullopt.
std::optional<std::string> within_host(const std::string& url, const std::string& location) {
  const auto from = parse_store_url(url);
  if (!from || location.empty()) return std::nullopt;
  const std::string origin = std::string(name_of(from->scheme)) + "://" + from->authority;
  const bool relative = location.starts_with('/') && !location.starts_with("//");
  const auto to = parse_store_url(relative ? origin + location : location);
  if (!to || to->scheme != from->scheme || to->authority != from->authority) return std::nullopt;
  return origin + to->rest;
}

class HttpStore final : public ObjectStore {
 public:
  HttpStore(std::shared_ptr<transport::Retrier> retrier, std::shared_ptr<transport::RequestObserver> https,
            std::shared_ptr<transport::RequestObserver> http)
      : retrier_(std::move(retrier)), https_(std::move(https)), http_(std::move(http)) {}

  Result<ObjectInfo> stat(const std::string& url, const Call& call) override {
    const auto with = conversation("stat", url, call);
    // A signed URL may be valid for GET only. The answer for its first byte reports as much as a HEAD.
    transport::HttpRequest head;
    head.method = "HEAD";
    head.headers = {"Accept-Encoding: identity"};
    auto answer = follow(url, head, with);
    if (!answer) return fail(answer.error());
    if (answer->status == 403 || answer->status == 405 || answer->status == 501)
      return stat_by_first_byte(url, with);
    if (answer->status != 200) return answer_error(*answer, with);
    const auto size = content_length(*answer);
    if (!size) return stat_by_first_byte(url, with);
    return info(url, *size, *answer);
  }

  Result<std::string> get(const std::string& url, std::uint64_t limit, const Call& call) override {
    const auto with = conversation("get", url, call);
    transport::HttpRequest request;
    request.limit = limit;
    request.headers = {"Accept-Encoding: identity"};
    return whole_body(follow(url, request, with), with);
  }

  Result<void> read_many(const std::string& url, const std::vector<RangeRead>& reads,
                         const std::string& expected_tag, const Call& call) override {
    const auto with = conversation("read", url, call);
    std::string target = url;
    for (int hop = 0; hop <= kRedirects; ++hop) {
      std::optional<std::string> next;
      const auto build = [&](const std::string& range) -> Result<transport::HttpRequest> {
        transport::HttpRequest request;
        request.url = target;
        request.headers.push_back("Range: " + range);
        request.headers.push_back("Accept-Encoding: identity");
        if (const std::string date = date_of(expected_tag); !date.empty()) {
          request.headers.push_back("If-Unmodified-Since: " + date);
        } else if (is_etag(expected_tag) && !expected_tag.starts_with("W/")) {
          // If-Match never matches a weak tag, so the tag of the answer is compared instead.
          request.headers.push_back("If-Match: \"" + expected_tag + "\"");
        }
        return request;
      };
      bool across = false;
      const auto tag = [&](const transport::HttpResponse& answer) {
        if (is_redirect(answer.status)) {
          next = within_host(target, answer.header("location"));
          across = !next;
        }
        const std::string told = tag_of(answer);
        // If the answer to a range does not report the whole length, compare only the rest of the tag.
        return expected_tag.starts_with(told + std::string(kLengthTag)) ? expected_tag : told;
      };
      const auto done = read_ranges(*retrier_, with, reads, call.request_limit, expected_tag, build, tag);
      if (across) return crossing(with);
      if (!next) return done;
      target = *next;
    }
    return fail(ErrorCode::unavailable, fmt::format("the server redirected more than {} times", kRedirects),
                with.subject);
  }

  Result<std::vector<ObjectInfo>> list(const std::string& url, std::size_t, const Call&) override {
    return fail(ErrorCode::invalid_config, "https:// and http:// URLs cannot be listed", redact_url(url));
  }

 private:
  transport::Conversation conversation(const char* operation, const std::string& url,
                                       const Call& call) const {
    const auto parsed = parse_store_url(url);
    transport::RequestObserver& traffic = parsed && parsed->scheme == Scheme::http ? *http_ : *https_;
    transport::Conversation with = conversation_of(operation, url, call, traffic);
    with.public_only = call.policy != nullptr && !lists_origin(*call.policy, url);
    return with;
  }

  static tl::unexpected<Error> crossing(const transport::Conversation& with) {
    return fail(ErrorCode::rejected,
                "the server redirects to another host, which is not followed: use the final URL",
                with.subject);
  }

  Result<transport::HttpResponse> follow(const std::string& url, const transport::HttpRequest& request,
                                         const transport::Conversation& with) const {
    transport::HttpRequest next = request;
    next.url = url;
    for (int hop = 0; hop <= kRedirects; ++hop) {
      auto answer = retrier_->perform(
          transport::Attempt{[&]() -> Result<transport::HttpRequest> { return next; }}, with);
      if (!answer || !is_redirect(answer->status)) return answer;
      const auto target = within_host(next.url, answer->header("location"));
      if (!target) return crossing(with);
      next.url = *target;
    }
    return fail(ErrorCode::unavailable, fmt::format("the server redirected more than {} times", kRedirects),
                with.subject);
  }

  Result<ObjectInfo> stat_by_first_byte(const std::string& url, const transport::Conversation& with) const {
    transport::HttpRequest request;
    request.headers = {"Range: bytes=0-0", "Accept-Encoding: identity"};
    const auto answer = follow(url, request, with);
    if (!answer) return fail(answer.error());
    if (answer->status == 416 && answer->header("content-range") == "bytes */0") return info(url, 0, *answer);
    if (answer->status != 206) return answer_error(*answer, with);
    const std::string range = answer->header("content-range");
    transport::HttpResponse total;
    total.headers["content-length"] = range.substr(range.find('/') + 1);
    const auto size = content_length(total);
    if (!size)
      return fail(ErrorCode::unavailable, "the server does not report the object's size", with.subject);
    return info(url, *size, *answer);
  }

  static ObjectInfo info(const std::string& url, std::uint64_t size, const transport::HttpResponse& answer) {
    return {url, size, tag_of(answer),
            transport::parse_http_date(answer.header("last-modified")).value_or(SystemTime{}),
            answer.header("content-encoding")};
  }

  const std::shared_ptr<transport::Retrier> retrier_;
  const std::shared_ptr<transport::RequestObserver> https_;
  const std::shared_ptr<transport::RequestObserver> http_;
};

}  // namespace

std::unique_ptr<ObjectStore> make_http_store(std::shared_ptr<transport::Retrier> retrier,
                                             std::shared_ptr<transport::RequestObserver> https,
                                             std::shared_ptr<transport::RequestObserver> http) {
  return std::make_unique<HttpStore>(std::move(retrier), std::move(https), std::move(http));
}

}  // namespace offloader::object_store
