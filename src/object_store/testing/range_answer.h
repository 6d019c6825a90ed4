#pragma once

#include <string>

#include "offloader/object_store/testing/bucket_contents.h"
#include "offloader/transport/testing/fake_server.h"

namespace offloader::object_store::testing {

// The object, or the part of it that the request's Range header asks for: 200, 206 with Content-Range, or
// 416. A header of another form than one range of bytes is passed over, as RFC 9110 says.
[[nodiscard]] transport::testing::Answer range_answer(const transport::testing::Request& request,
                                                      const StoredObject& object);

}  // namespace offloader::object_store::testing
