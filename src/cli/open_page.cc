#include "open_page.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace offloader::cli {

bool open_page(const std::string& url) {
  posix_spawn_file_actions_t quiet;
  if (posix_spawn_file_actions_init(&quiet) != 0) return false;
  bool started = true;
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO})
    started = started && posix_spawn_file_actions_addopen(&quiet, fd, "/dev/null", O_WRONLY, 0) == 0;
  char program[] = "xdg-open";
  std::string page = url;
  char* const arguments[] = {program, page.data(), nullptr};
  pid_t child = 0;
  started = started && ::posix_spawnp(&child, program, &quiet, nullptr, arguments, environ) == 0;
  posix_spawn_file_actions_destroy(&quiet);
  if (!started) return false;
  int status = 0;
  // xdg-open usually hands over and exits. If it runs the browser itself, leave it running.
  return ::waitpid(child, &status, WNOHANG) != child || status == 0;
}

}  // namespace offloader::cli
