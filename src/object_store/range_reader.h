#pragma once

#include <functional>
#include <string>
#include <vector>

#include "offloader/object_store/object_store.h"
#include "offloader/transport/retry.h"
#include "range_plan.h"

namespace offloader::object_store {

// What all HTTP stores do alike about ranges: plan, fetch side by side, check that each answer is the range
// asked for and of the object expected. No request asks for more than
// `request_limit` bytes. `build` makes the request of one range, without its Range header.
// `tag_of` reads the tag of an answer.
[[nodiscard]] Result<void> read_ranges(
    transport::Retrier& retrier, const transport::Conversation& with,
    const std::vector<ObjectStore::RangeRead>& reads, std::uint64_t request_limit,
    const std::string& expected_tag,
    const std::function<Result<transport::HttpRequest>(const std::string& range_header)>& build,
    const std::function<std::string(const transport::HttpResponse&)>& tag_of);

// Content-Length, or nothing.
[[nodiscard]] std::optional<std::uint64_t> content_length(const transport::HttpResponse& answer);

}  // namespace offloader::object_store
