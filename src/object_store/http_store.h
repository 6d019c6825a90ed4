#pragma once

#include <memory>

#include "offloader/object_store/object_store.h"
#include "offloader/transport/retry.h"

namespace offloader::object_store {

// Makes a store for https:// and http:// URLs, public or signed, which are sent as written. Cannot list. The
// tag is the ETag, else Last-Modified and the length.
[[nodiscard]] std::unique_ptr<ObjectStore> make_http_store(std::shared_ptr<transport::Retrier> retrier,
                                                           std::shared_ptr<transport::RequestObserver> https,
                                                           std::shared_ptr<transport::RequestObserver> http);

}  // namespace offloader::object_store
