#pragma once

#include <functional>
#include <string>
#include <vector>

#include "offloader/object_store/object_store.h"
#include "offloader/transport/retry.h"
#include "range_plan.h"

namespace offloader::object_store {

// Range reads as all HTTP stores perform them: plans requests of at most `request_limit` bytes, performs them
// concurrently, and checks that each answer is the requested range of the expected object. `build` makes a
// request for the given value of the Range header; `tag_of` returns the tag of an answer. Errors: those of
// Retrier::perform and answer_error(), and changed if the tag is not `expected_tag`.
[[nodiscard]] Result<void> read_ranges(
    transport::Retrier& retrier, const transport::Conversation& with,
    const std::vector<ObjectStore::RangeRead>& reads, std::uint64_t request_limit,
    const std::string& expected_tag,
    const std::function<Result<transport::HttpRequest>(const std::string& range_header)>& build,
    const std::function<std::string(const transport::HttpResponse&)>& tag_of);

// Returns the value of Content-Length; nullopt if it is missing or not a number.
[[nodiscard]] std::optional<std::uint64_t> content_length(const transport::HttpResponse& answer);

}  // namespace offloader::object_store
