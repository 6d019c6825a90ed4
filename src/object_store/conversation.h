#pragma once

#include <string>

#include "offloader/object_store/object_store.h"
#include "offloader/transport/retry.h"

namespace offloader::object_store {

// Returns the transport settings of one call; its deadline starts now. `observer` and everything that `call`
// points to must outlive the result.
[[nodiscard]] transport::Conversation conversation_of(const char* operation, const std::string& url,
                                                      const ObjectStore::Call& call,
                                                      transport::RequestObserver& observer);

}  // namespace offloader::object_store
