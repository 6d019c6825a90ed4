#include "offloader/base/low_priority.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace offloader {

void lower_priority_of_this_thread(Niceness niceness) {
  // On Linux each thread has its own nice value.
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), static_cast<int>(niceness));
}

}  // namespace offloader
