#pragma once

#include <memory>

#include "offloader/object_store/object_store.h"
#include "traffic.h"

namespace offloader::object_store {

// Makes a store for canonical paths on the local disk. stat() and reads fail with changed if the path
// contains a symbolic link, which was not there when the path was resolved; get() follows links. Tags are
// those of LocalInput.
[[nodiscard]] std::unique_ptr<ObjectStore> make_local_store(std::shared_ptr<Traffic> traffic);

}  // namespace offloader::object_store
