#pragma once

namespace offloader::app {

// Whether this build is a sanitizer's: its shadow memory is no part of what is judged, and it slows
// everything.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace offloader::app
