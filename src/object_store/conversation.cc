#include "conversation.h"

#include "offloader/object_store/store_options.h"

namespace offloader::object_store {

transport::Conversation conversation_of(const char* operation, const std::string& url,
                                        const ObjectStore::Call& call, transport::RequestObserver& observer) {
  transport::Conversation with;
  with.observer = &observer;
  with.operation = operation;
  with.subject = redact_url(url);
  with.deadline = std::chrono::steady_clock::now() + call.deadline;
  with.cancel = call.cancel;
  with.came = call.came;
  return with;
}

}  // namespace offloader::object_store
