#pragma once

namespace offloader {

// Lowers the scheduling priority of the calling thread, for background work that must not slow down requests.
// Does nothing if the system refuses.
void lower_priority_of_this_thread();

}  // namespace offloader
