#pragma once

namespace offloader::refresh {

// The calling thread's work may wait for anybody else's: what serves comes first.
void lower_priority_of_this_thread();

}  // namespace offloader::refresh
