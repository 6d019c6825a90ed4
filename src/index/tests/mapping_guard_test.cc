// A SIGBUS handler can be installed once per process, so each case runs in a process of its own.
#include "offloader/index/mapping_guard.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "offloader/base/descriptor.h"

namespace offloader::index {
namespace {

constexpr std::size_t kPage = 4096;

// A mapped page whose file has become empty: reading it raises SIGBUS.
const volatile char* unreadable_page() {
  std::string name = "/tmp/mapping_guard_test.XXXXXX";
  const Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
  ::unlink(name.c_str());
  if (::ftruncate(file.get(), kPage) != 0) std::abort();
  void* const page = ::mmap(nullptr, kPage, PROT_READ, MAP_SHARED, file.get(), 0);
  if (page == MAP_FAILED || ::ftruncate(file.get(), 0) != 0) std::abort();
  return static_cast<const volatile char*>(page);
}

bool reads_as_broken_zeros() {
  const volatile char* const page = unreadable_page();
  MappingGuard guard;
  guard.register_mapping(const_cast<const char*>(page), kPage);
  return *page == 0 && guard.broken();
}

void install(int flags, void (*handler)(int, siginfo_t*, void*)) {
  struct sigaction action {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | flags;
  ::sigaction(SIGBUS, &action, nullptr);
}

int handled = 0;

// A handler that survives: it puts a page of zeros where the access failed.
void put_page(int /*signal*/, siginfo_t* info, void* /*context*/) {
  ++handled;
  if (info->si_code <= 0) return;
  ::mmap(info->si_addr, kPage, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

class MappingGuardDeathTest : public ::testing::Test {
 protected:
  MappingGuardDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(MappingGuardDeathTest, ForeignFaults_PreviousHandlerSurvives_GuardsKeepWorking) {
  EXPECT_EXIT(
      {
        install(0, put_page);
        bool fine = reads_as_broken_zeros() && handled == 0;
        fine = fine && *unreadable_page() == 0 && handled == 1;
        fine = fine && reads_as_broken_zeros() && handled == 1;
        fine = fine && *unreadable_page() == 0 && handled == 2;
        ::raise(SIGBUS);
        fine = fine && handled == 3 && reads_as_broken_zeros();
        std::_Exit(fine ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST_F(MappingGuardDeathTest, SentSignal_PreviouslyIgnored_GuardsKeepWorking) {
  EXPECT_EXIT(
      {
        ::signal(SIGBUS, SIG_IGN);
        bool fine = reads_as_broken_zeros();
        ::raise(SIGBUS);
        ::raise(SIGBUS);
        fine = fine && reads_as_broken_zeros();
        std::_Exit(fine ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST_F(MappingGuardDeathTest, ForeignFault_NoPreviousHandler_EndsTheProcess) {
  for (const auto action : {SIG_DFL, SIG_IGN}) {
    EXPECT_EXIT(
        {
          ::signal(SIGBUS, action);
          if (!reads_as_broken_zeros()) std::_Exit(1);
          std::_Exit(*unreadable_page());
        },
        ::testing::KilledBySignal(SIGBUS), "");
  }
}

TEST_F(MappingGuardDeathTest, SentSignal_NoPreviousHandler_EndsTheProcess) {
  EXPECT_EXIT(
      {
        ::signal(SIGBUS, SIG_DFL);
        if (!reads_as_broken_zeros()) std::_Exit(1);
        ::raise(SIGBUS);
        std::_Exit(2);
      },
      ::testing::KilledBySignal(SIGBUS), "");
}

}  // namespace
}  // namespace offloader::index
