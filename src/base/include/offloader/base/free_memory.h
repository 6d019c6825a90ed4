#pragma once

namespace offloader {

// Returns memory that was freed, but that the C library keeps for later, to the system. Takes some
// milliseconds for each hundred megabytes, in which other threads may wait to allocate. Any thread.
void return_free_memory();

}  // namespace offloader
