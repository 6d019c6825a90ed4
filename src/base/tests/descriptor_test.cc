#include "offloader/base/descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

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

std::atomic<int> interruptions{0};

// While it exists, SIGUSR1 interrupts calls instead of restarting them.
class InterruptingSignal {
 public:
  InterruptingSignal() {
    interruptions = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { ++interruptions; };
    ::sigaction(SIGUSR1, &action, &before_);
  }
  InterruptingSignal(const InterruptingSignal&) = delete;
  InterruptingSignal& operator=(const InterruptingSignal&) = delete;
  ~InterruptingSignal() { ::sigaction(SIGUSR1, &before_, nullptr); }

  // Interrupts three calls in which the thread sleeps.
  static void interrupt(pid_t thread) {
    for (int seen = 0; seen < 3; ++seen) {
      while (!sleeps(thread)) std::this_thread::yield();
      ::tgkill(::getpid(), thread, SIGUSR1);
      while (interruptions == seen) std::this_thread::yield();
    }
  }

 private:
  static bool sleeps(pid_t thread) {
    std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
    std::string text;
    std::getline(file, text);
    return text.find(") S ") != std::string::npos;
  }

  struct sigaction before_ {};
};

struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    from = Descriptor(ends[0]);
    to = Descriptor(ends[1]);
  }
  Descriptor from;
  Descriptor to;
};

TEST(WriteAll, InterruptedAndTakenInParts_WritesEverything) {
  const InterruptingSignal signal;
  Pipe pipe;
  std::string sent;
  for (int i = 0; i < 300'000; ++i) sent += std::to_string(i);
  std::string received;
  std::thread reader([&, writer = ::gettid()] {
    InterruptingSignal::interrupt(writer);
    std::string part(10'000, 0);
    while (received.size() < sent.size()) {
      const ssize_t n = ::read(pipe.from.get(), part.data(), part.size());
      if (n == 0) return;
      if (n > 0) received.append(part, 0, static_cast<std::size_t>(n));
    }
  });
  const bool written = write_all(pipe.to.get(), sent.data(), sent.size());
  pipe.to.reset();
  reader.join();
  EXPECT_TRUE(written);
  EXPECT_TRUE(received == sent) << received.size();
}

TEST(ReadSome, Interrupted_WaitsForBytes) {
  const InterruptingSignal signal;
  Pipe pipe;
  std::thread writer([&, reader = ::gettid()] {
    InterruptingSignal::interrupt(reader);
    EXPECT_EQ(::write(pipe.to.get(), "bytes", 5), 5);
    pipe.to.reset();
  });
  char bytes[64];
  EXPECT_EQ(read_some(pipe.from.get(), bytes, sizeof bytes), 5);
  EXPECT_EQ(read_some(pipe.from.get(), bytes, sizeof bytes), 0);
  writer.join();
}

// A file that may not grow takes the beginning of a write, and refuses the rest.
TEST(WriteAllAt, ShortWrite_ContinuesUntilTheSystemRefuses) {
  std::string name = "/tmp/descriptor_test.XXXXXX";
  const Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
  ASSERT_TRUE(file.valid());
  ::unlink(name.c_str());
  ASSERT_TRUE(write_all_at(file.get(), "world", 5, 6));
  ASSERT_TRUE(write_all_at(file.get(), "hello ", 6, 0));
  char bytes[64];
  EXPECT_EQ(std::string(bytes, static_cast<std::size_t>(read_some(file.get(), bytes, sizeof bytes))),
            "hello world");
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit little{8, before.rlim_max};
  const auto ignored = ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &little);
  errno = 0;
  const bool written = write_all_at(file.get(), "HELLO WORLD", 11, 0);
  const int error = errno;
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, ignored);
  EXPECT_FALSE(written);
  EXPECT_EQ(error, EFBIG);
  EXPECT_EQ(::pread(file.get(), bytes, sizeof bytes, 0), 11);
  EXPECT_EQ(std::string(bytes, 11), "HELLO WOrld");
}

}  // namespace
}  // namespace offloader
