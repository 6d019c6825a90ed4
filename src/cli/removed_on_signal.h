#pragma once

#include <string>

namespace offloader::cli {

// From the first to the second call, a signal that ends the process (SIGINT, SIGTERM, SIGHUP, SIGQUIT)
// removes the file first; the process then ends by the signal, as without this. Signals that the process
// ignores stay ignored. Also turns SIGXFSZ into an error of write(). Fails if the path is too long, or if
// another file is guarded. One thread.
[[nodiscard]] bool remove_on_signal(const std::string& path);
void keep_on_signal();

}  // namespace offloader::cli
