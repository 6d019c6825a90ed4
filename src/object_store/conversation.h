#pragma once

#include <string>

#include "offloader/object_store/object_store.h"
#include "offloader/transport/retry.h"

namespace offloader::object_store {

// The conversation that carries out a call, its deadline counted from now. `observer` outlives it, and so
// does what the call points at.
[[nodiscard]] transport::Conversation conversation_of(const char* operation, const std::string& url,
                                                      const ObjectStore::Call& call,
                                                      transport::RequestObserver& observer);

}  // namespace offloader::object_store
