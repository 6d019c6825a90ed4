#pragma once

#include <fcntl.h>
#include <sys/resource.h>

namespace offloader {

// Until its end, the process can open at most `more` further descriptors: the next one fails with EMFILE.
// Requires: no other thread opens or closes descriptors meanwhile. The undefined-behaviour sanitizer opens a
// pipe when it first meets a polymorphic type, and takes the object for invalid if it cannot. So the code
// under test has to run once before, without the limit.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(int more) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    int first_refused = 0;
    for (;; ++first_refused) {
      if (::fcntl(first_refused, F_GETFD) < 0 && more-- == 0) break;
    }
    rlimit now = before_;
    now.rlim_cur = static_cast<rlim_t>(first_refused);
    ::setrlimit(RLIMIT_NOFILE, &now);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

}  // namespace offloader
