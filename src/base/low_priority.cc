#include "offloader/base/low_priority.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace offloader {

void lower_priority_of_this_thread() {
  // On Linux each thread has a nice value of its own.
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 10);
}

}  // namespace offloader
