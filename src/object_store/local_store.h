#pragma once

#include <memory>

#include "offloader/object_store/object_store.h"
#include "traffic.h"

namespace offloader::object_store {

// Paths on local disk, canonical ones: where a symbolic link stands in a path that is read, the read is
// `changed`, since it was not there when the path was resolved. Tags as LocalInput's.
[[nodiscard]] std::unique_ptr<ObjectStore> make_local_store(std::shared_ptr<Traffic> traffic);

}  // namespace offloader::object_store
