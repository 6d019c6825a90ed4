#pragma once

#include <string>

#include "offloader/object_store/testing/bucket_contents.h"
#include "offloader/transport/testing/fake_server.h"

namespace offloader::object_store::testing {

// Returns the object, or the part that the Range header asks for: 200, 206 with Content-Range, or 416. A
// header with anything but one range of bytes is ignored, as RFC 9110 permits.
[[nodiscard]] transport::testing::Answer range_answer(const transport::testing::Request& request,
                                                      const StoredObject& object);

}  // namespace offloader::object_store::testing
