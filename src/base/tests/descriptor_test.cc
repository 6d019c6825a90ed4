#include "offloader/base/descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

namespace offloader {
namespace {

int open_null() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

TEST(Descriptor, Destructor_OpenDescriptor_ClosesAndKeepsErrno) {
  const int fd = open_null();
  ASSERT_GE(fd, 0);
  {
    const Descriptor owner(fd);
    errno = ENOSPC;
  }
  EXPECT_EQ(errno, ENOSPC);
  EXPECT_FALSE(is_open(fd));
}

TEST(Descriptor, Move_OntoAnOpenOne_ClosesItAndEmptiesTheSource) {
  Descriptor first(open_null());
  Descriptor second(open_null());
  const int kept = first.get();
  const int closed = second.get();
  second = std::move(first);
  EXPECT_FALSE(first.valid());  // NOLINT(bugprone-use-after-move): empty is what is promised
  EXPECT_EQ(second.get(), kept);
  EXPECT_TRUE(is_open(kept));
  EXPECT_FALSE(is_open(closed));
  const Descriptor third(std::move(second));
  EXPECT_FALSE(second.valid());  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(is_open(third.get()));
}

TEST(Descriptor, Release_OpenDescriptor_LeavesItOpen) {
  Descriptor owner(open_null());
  const int fd = owner.release();
  EXPECT_FALSE(owner.valid());
  EXPECT_TRUE(is_open(fd));
  ::close(fd);
}

TEST(Descriptor, Reset_WithAnother_ClosesTheOldAndOwnsTheNew) {
  Descriptor owner(open_null());
  const int old = owner.get();
  const int next = open_null();
  owner.reset(next);
  EXPECT_FALSE(is_open(old));
  EXPECT_EQ(owner.get(), next);
  owner.reset();
  EXPECT_FALSE(is_open(next));
}

TEST(Descriptor, Close_StaleDescriptor_ReturnsFalse) {
  Descriptor owner(open_null());
  EXPECT_TRUE(owner.close());
  EXPECT_FALSE(owner.valid());
  const int fd = open_null();
  ::close(fd);
  Descriptor stale(fd);
  EXPECT_FALSE(stale.close());
  EXPECT_EQ(errno, EBADF);
  EXPECT_FALSE(stale.valid());
}

}  // namespace
}  // namespace offloader
