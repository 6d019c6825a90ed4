#pragma once

namespace offloader {

// How much a thread gives way to others (man 7 sched).
enum class Niceness {
  background = 10,  // work that must not slow down requests
  lowest = 19,      // work that must not even delay one request in a hundred, however much of it there is
};

// Lowers the scheduling priority of the calling thread, and of threads that it starts later. Does nothing if
// the system refuses.
void lower_priority_of_this_thread(Niceness niceness = Niceness::background);

}  // namespace offloader
