#include "answer_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "offloader/object_store/content_encoding.h"

namespace offloader::object_store {

std::string error_code_of(const std::string& body) {
  const std::size_t from = body.find("<Code>");
  const std::size_t to = body.find("</Code>");
  if (from == std::string::npos || to == std::string::npos || to < from + 6 || to - from > 70) return {};
  std::string code = body.substr(from + 6, to - from - 6);
  const bool word = std::all_of(code.begin(), code.end(),
                                [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; });
  return word ? code : std::string();
}

tl::unexpected<Error> answer_error(const transport::HttpResponse& answer,
                                   const transport::Conversation& with) {
  std::string detail = fmt::format("{} {}: HTTP {}", with.operation, with.subject, answer.status);
  if (const std::string code = error_code_of(answer.body); !code.empty()) detail += " " + code;
  const std::string region = answer.header("x-amz-bucket-region");
  if ((answer.status == 301 || answer.status == 400) && !region.empty() && region.size() < 40) {
    detail += fmt::format(" (the bucket is in region {})", region);
  }
  switch (answer.status) {
    case 401:
    case 403:
      return fail(
          ErrorCode::unauthorized,
          fmt::format("the store denied access with HTTP {}: check the credentials and their permissions",
                      answer.status),
          detail);
    case 404:
    case 410:
      return fail(ErrorCode::not_found, "no such object", detail);
    case 412:
      return fail(ErrorCode::changed, "the object changed while it was read", detail);
    default:
      return fail(ErrorCode::unavailable, fmt::format("the store answered with HTTP {}", answer.status),
                  detail);
  }
}

Result<std::string> whole_body(Result<transport::HttpResponse> answer, const transport::Conversation& with) {
  if (!answer) return fail(std::move(answer.error()));
  if (answer->status != 200) return answer_error(*answer, with);
  const std::string encoding = answer->header("content-encoding");
  if (encoding_fits_name(encoding, with.subject)) return std::move(answer->body);
  return fail(ErrorCode::rejected,
              "the object has a Content-Encoding that does not match its file name: store it without one",
              fmt::format("{} {}: {}", with.operation, with.subject, encoding));
}

}  // namespace offloader::object_store
