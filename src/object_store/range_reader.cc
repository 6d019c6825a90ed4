#include "range_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "answer_error.h"
#include "offloader/object_store/content_encoding.h"

namespace offloader::object_store {
namespace {

// Handles a server that ignores ranges and sends the whole object. That is fine if the range starts at 0 and
// has the object's length. Returns false otherwise.
bool scatter_whole(const transport::HttpResponse& answer, const PlannedRange& planned) {
  if (answer.status != 200 || planned.range.offset != 0 || answer.body.size() != planned.range.length)
    return false;
  for (const transport::BodySegment& segment : planned.segments) {
    std::memcpy(segment.buffer, answer.body.data() + segment.offset, segment.length);
  }
  return true;
}

Result<void> check(const transport::HttpResponse& answer, const PlannedRange& planned,
                   const std::string& expected_tag, const std::string& tag,
                   const transport::Conversation& with) {
  if (answer.status == 416) {
    return fail(expected_tag.empty() ? ErrorCode::unavailable : ErrorCode::changed,
                "the object is shorter than the requested range", with.subject);
  }
  if (answer.status != 206 && answer.status != 200) return answer_error(answer, with);
  if (!encoding_fits_name(answer.header("content-encoding"), with.subject)) {
    return fail(ErrorCode::unavailable,
                "the store sends the object with a Content-Encoding that does not match its file name",
                with.subject);
  }
  if (!expected_tag.empty() && !tag.empty() && tag != expected_tag) {
    return fail(ErrorCode::changed, "the object changed while it was read", with.subject);
  }
  if (answer.status == 200) {
    if (scatter_whole(answer, planned)) return {};
    return fail(ErrorCode::unavailable, "the server does not support range requests", with.subject);
  }
  const std::string begin =
      fmt::format("bytes {}-{}/", planned.range.offset, planned.range.offset + planned.range.length - 1);
  if (!answer.header("content-range").starts_with(begin)) {
    return fail(ErrorCode::unavailable, "the server returned a different range than requested", with.subject);
  }
  return {};
}

}  // namespace

std::optional<std::uint64_t> content_length(const transport::HttpResponse& answer) {
  const std::string text = answer.header("content-length");
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return length;
}

Result<void> read_ranges(
    transport::Retrier& retrier, const transport::Conversation& with,
    const std::vector<ObjectStore::RangeRead>& reads, std::uint64_t request_limit,
    const std::string& expected_tag,
    const std::function<Result<transport::HttpRequest>(const std::string& range_header)>& build,
    const std::function<std::string(const transport::HttpResponse&)>& tag_of) {
  const auto planned_ranges = plan_ranges(reads, std::max<std::uint64_t>(request_limit, 1));
  if (!planned_ranges) return fail(planned_ranges.error());
  const std::vector<PlannedRange>& plan = *planned_ranges;
  std::vector<transport::Attempt> attempts;
  for (const PlannedRange& planned : plan) {
    attempts.push_back({[&build, &planned]() -> Result<transport::HttpRequest> {
      const std::uint64_t last = planned.range.offset + planned.range.length - 1;
      auto request = build(fmt::format("bytes={}-{}", planned.range.offset, last));
      if (!request) return request;
      request->segments = planned.segments;
      request->expected = planned.range.length;
      request->limit = planned.range.length;
      return request;
    }});
  }
  const auto answers = retrier.perform(attempts, with);
  if (!answers) {
    // The body is longer than the range, so the server has ignored the Range header.
    if (answers.error().code == ErrorCode::too_large) {
      return fail(ErrorCode::unavailable, "the server does not support range requests",
                  answers.error().detail);
    }
    return fail(answers.error());
  }
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const transport::HttpResponse& answer = (*answers)[i];
    if (const auto checked = check(answer, plan[i], expected_tag, tag_of(answer), with); !checked)
      return checked;
  }
  return {};
}

}  // namespace offloader::object_store
