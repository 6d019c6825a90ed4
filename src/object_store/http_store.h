#pragma once

#include <memory>

#include "offloader/object_store/object_store.h"
#include "offloader/object_store/retry.h"

namespace offloader::object_store {

// https:// and http:// URLs: public objects and signed ones, sent as written. No listing. The tag is the
// ETag, else Last-Modified and length.
[[nodiscard]] std::unique_ptr<ObjectStore> make_http_store(std::shared_ptr<Retrier> retrier,
                                                           std::shared_ptr<RequestObserver> https,
                                                           std::shared_ptr<RequestObserver> http);

}  // namespace offloader::object_store
