#include "conversation.h"

#include "offloader/object_store/store_options.h"

namespace offloader::object_store {

Conversation conversation_of(const char* operation, const std::string& url, const ObjectStore::Call& call,
                             RequestObserver& observer) {
  Conversation with;
  with.observer = &observer;
  with.operation = operation;
  with.subject = redact_url(url);
  with.deadline = std::chrono::steady_clock::now() + call.deadline;
  with.cancel = call.cancel;
  with.came = call.came;
  return with;
}

}  // namespace offloader::object_store
