#include "offloader/credentials/credentials.h"

#include <fmt/format.h>

namespace offloader::credentials {

Result<std::string> fetch(const ProviderContext& context, const transport::HttpRequest& request,
                          const char* service, const FetchLimits& limits) {
  transport::Conversation with;
  with.observer = context.observer;
  with.operation = "credentials";
  with.subject = service;
  with.deadline = limits.deadline;
  with.cancel = limits.cancel;
  auto answer = context.retrier->perform(
      transport::Attempt{[&]() -> Result<transport::HttpRequest> { return request; }}, with);
  if (!answer) return fail(answer.error());
  if (answer->status < 200 || answer->status >= 300) {
    return fail(ErrorCode::unauthorized, "cannot obtain credentials for the store",
                fmt::format("{}: HTTP {}", service, answer->status));
  }
  return std::move(answer->body);
}

}  // namespace offloader::credentials
