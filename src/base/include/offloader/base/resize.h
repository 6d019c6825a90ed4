#pragma once

#include <cstddef>
#include <string>

namespace offloader {

// Like resize(), but leaves the new bytes uninitialized. Pages that are never written are never touched, so
// the unused part of a large string takes no physical memory.
inline void resize_untouched(std::string& text, std::size_t bytes) {
  text.resize_and_overwrite(bytes, [](char*, std::size_t size) { return size; });
}

}  // namespace offloader
