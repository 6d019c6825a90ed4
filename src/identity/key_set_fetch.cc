#include "offloader/identity/key_set_fetch.h"

#include <chrono>

namespace offloader::identity {
namespace {

constexpr std::chrono::seconds kDeadline{10};

Error failure_of(const transport::HttpResponse& answer) {
  switch (answer.outcome) {
    case transport::Outcome::cancelled:
      return {ErrorCode::cancelled, "the fetch was cancelled", {}};
    case transport::Outcome::too_large:
      return {ErrorCode::too_large, "the key set is larger than 256 KiB", {}};
    case transport::Outcome::timed_out:
    case transport::Outcome::stalled:
      return {ErrorCode::unavailable, "the issuer did not answer in time", answer.failure};
    default:
      return {ErrorCode::unavailable, "the issuer cannot be reached", answer.failure};
  }
}

}  // namespace

Result<FetchedKeySet> fetch_key_set(transport::Transport& transport, const std::string& url,
                                    const std::string& etag, const CancelFlag& cancel) {
  transport::HttpRequest request;
  request.url = url;
  request.headers = {"Accept: application/jwk-set+json, application/json"};
  if (!etag.empty()) request.headers.push_back("If-None-Match: " + etag);
  request.limit = jwt::KeySet::kMaxBytes;
  request.deadline = real_clock().steady_now() + kDeadline;
  request.cancel = &cancel;
  request.decode = true;
  const auto answers = transport.perform({request});
  const transport::HttpResponse& answer = answers.front();
  if (answer.outcome != transport::Outcome::answered) return fail(failure_of(answer));
  if (answer.status == 304) return FetchedKeySet{std::nullopt, etag};
  if (answer.status != 200)
    return fail(ErrorCode::unavailable, "the issuer answered with status " + std::to_string(answer.status));
  return FetchedKeySet{answer.body, answer.header("etag")};
}

}  // namespace offloader::identity
