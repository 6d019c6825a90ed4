#pragma once

namespace offloader {

// Lowers the calling thread's scheduling priority, for work that serving must not wait for. A refusal of the
// system is ignored.
void lower_priority_of_this_thread();

}  // namespace offloader
