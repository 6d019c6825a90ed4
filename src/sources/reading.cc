#include "reading.h"

#include <utility>

namespace offloader::sources {

object_store::ObjectStore::Call call_of(const CancelFlag* cancel) {
  return {.deadline = std::chrono::seconds(30), .cancel = cancel};
}

object_store::UrlPolicy policy_of(const SourceContext& context, const std::string& own) {
  object_store::UrlPolicy policy{.origins = context.allowed_origins,
                                 .listed_origins = context.allowed_origins};
  if (auto origin = object_store::origin_of(own)) policy.origins.push_back(std::move(*origin));
  return policy;
}

std::unique_lock<std::mutex> turn_to_parse(std::size_t bytes) {
  constexpr std::size_t kLarge = 1 << 20;
  static std::mutex large_text_mutex;  // guards no data
  return bytes > kLarge ? std::unique_lock(large_text_mutex) : std::unique_lock<std::mutex>();
}

Resolved failed(Error error) {
  Resolved resolved;
  resolved.kind = Resolved::Kind::failed;
  resolved.error = std::move(error);
  return resolved;
}

Resolved rejected(std::string tag, catalog::Findings findings) {
  Resolved resolved;
  resolved.kind = Resolved::Kind::rejected;
  resolved.candidate.tag = std::move(tag);
  resolved.findings = std::move(findings);
  return resolved;
}

}  // namespace offloader::sources
