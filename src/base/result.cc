#include "offloader/base/result.h"

namespace offloader {

const char* name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_param:
      return "invalid_param";
    case ErrorCode::unauthorized:
      return "unauthorized";
    case ErrorCode::rate_limited:
      return "rate_limited";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::not_ready:
      return "not_ready";
    case ErrorCode::busy:
      return "busy";
    case ErrorCode::no_memory:
      return "no_memory";
    case ErrorCode::timeout:
      return "timeout";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::bad_request:
      return "bad_request";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::method_not_allowed:
      return "method_not_allowed";
    case ErrorCode::not_acceptable:
      return "not_acceptable";
    case ErrorCode::unsupported_media_type:
      return "unsupported_media_type";
    case ErrorCode::cursor_expired:
      return "cursor_expired";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::invalid_config:
      return "invalid_config";
    case ErrorCode::rejected:
      return "rejected";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::changed:
      return "changed";
    case ErrorCode::no_space:
      return "no_space";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace offloader
