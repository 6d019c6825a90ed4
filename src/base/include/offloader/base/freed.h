#pragma once

namespace offloader {

// Deletes what a C library's function frees: std::unique_ptr<BIO, Freed<&BIO_free>>.
template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* it) const {
    Free(it);
  }
};

}  // namespace offloader
