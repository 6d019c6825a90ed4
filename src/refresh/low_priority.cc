#include "low_priority.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace offloader::refresh {

void lower_priority_of_this_thread() {
  // On Linux a thread has a nice value of its own. A refusal only costs politeness.
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 10);
}

}  // namespace offloader::refresh
