#pragma once

namespace offloader::app {

// Whether this is a sanitizer build. Its memory is not comparable, and it is slow.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace offloader::app
