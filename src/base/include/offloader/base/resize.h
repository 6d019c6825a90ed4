#pragma once

#include <cstddef>
#include <string>

namespace offloader {

// As resize(), without clearing what is about to be written: what is never written to is never touched, and
// of a large string takes no memory.
inline void resize_untouched(std::string& text, std::size_t bytes) {
  text.resize_and_overwrite(bytes, [](char*, std::size_t size) { return size; });
}

}  // namespace offloader
