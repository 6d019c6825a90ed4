#pragma once

#include <string>

#include "offloader/object_store/testing/bucket_contents.h"
#include "offloader/object_store/testing/fake_server.h"

namespace offloader::object_store::testing {

// The object, or the part of it that the request's Range header asks for: 200, 206 with Content-Range, or
// 416. A header of another form than one range of bytes is passed over, as RFC 9110 says.
[[nodiscard]] Answer range_answer(const Request& request, const StoredObject& object);

// "Tue, 24 Nov 2026 11:45:46 GMT"
[[nodiscard]] std::string http_date(std::chrono::system_clock::time_point time);
// "2026-11-24T11:45:46.123Z"
[[nodiscard]] std::string iso_date(std::chrono::system_clock::time_point time);

}  // namespace offloader::object_store::testing
