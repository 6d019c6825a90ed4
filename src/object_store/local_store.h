#pragma once

#include <memory>

#include "offloader/object_store/object_store.h"
#include "traffic.h"

namespace offloader::object_store {

// Paths on local disk. The tag is made of inode, size and modification time.
[[nodiscard]] std::unique_ptr<ObjectStore> make_local_store(std::shared_ptr<Traffic> traffic);

}  // namespace offloader::object_store
