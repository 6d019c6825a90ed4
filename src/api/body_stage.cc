#include "body_stage.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "offloader/base/ascii.h"
#include "offloader/telemetry/shed.h"

namespace offloader::api {
namespace {

constexpr std::size_t kMostBody = 64U << 10;  // http::Limits::max_body

// Returns how many bytes the body may have.
std::size_t expected_size(const http::Request& request) {
  const auto length = request.header("content-length");
  if (!length) return kMostBody;
  std::size_t bytes = 0;
  const auto [end, error] = std::from_chars(length->data(), length->data() + length->size(), bytes);
  return error == std::errc{} ? std::min(bytes, kMostBody) : kMostBody;
}

}  // namespace

bool is_json_type(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && ascii::is_blank(type.back())) type.remove_suffix(1);
  return ascii::iequals(type, "application/json");
}

BodyStage::BodyStage(std::shared_ptr<ByteBudget> memory, telemetry::Metrics& metrics, const Finish& finish,
                     Resume resume)
    : memory_(std::move(memory)),
      shed_memory_(telemetry::shed_counter(metrics, "memory")),
      finish_(finish),
      resume_(std::move(resume)) {}

Result<Step> BodyStage::run(Exchange& exchange) const {
  if (!exchange.is_post() || exchange.params) return Step::next;
  const http::Request& request = *exchange.request;
  if (!is_json_type(request.header("content-type").value_or(std::string_view())))
    return fail(ErrorCode::unsupported_media_type, "send the params as application/json");
  if (!ascii::iequals(request.header("content-encoding").value_or("identity"), "identity"))
    return fail(ErrorCode::unsupported_media_type, "send the body without a content encoding");
  http::RequestBody* const body = request.body();
  if (body == nullptr) return Step::next;  // it is empty
  ByteHold room(memory_);
  if (!room.try_resize(expected_size(request))) {
    shed_memory_.add();
    return fail(ErrorCode::no_memory, {});
  }
  exchange.body_room = std::move(room);
  const auto kept = Exchange::keep_with_request(std::move(exchange));
  http::read_all(*body, [this, kept](Result<std::string> text) {
    if (!text) return finish_.refused(*kept, text.error());
    kept->body = std::move(*text);
    resume_(*kept);
  });
  return Step::finished;
}

}  // namespace offloader::api
