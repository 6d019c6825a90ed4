#include "cli_scene.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include "http_client.h"
#include "offloader/cli/cli.h"

namespace offloader::cli {

Outcome run_cli(const std::vector<std::string>& arguments, const RunOptions& options) {
  std::ostringstream out;
  std::ostringstream err;
  std::istringstream in(options.input);
  World world{.out = out,
              .err = err,
              .in = in,
              .environment = [&](const std::string& name) -> std::optional<std::string> {
                const auto found = options.environment.find(name);
                return found == options.environment.end() ? std::nullopt : std::optional(found->second);
              },
              .out_is_terminal = options.terminal,
              .err_is_terminal = options.terminal};
  const int code = run(arguments, world);
  return {code, out.str(), err.str()};
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << text;
  ASSERT_TRUE(file.flush()) << path;
}

Serving::Serving(const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& environment) {
  std::vector<std::string> words{OFFLOADER_BINARY, "serve", "--api-port", "0", "--admin-port", "0"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables{"PATH=/usr/bin:/bin", "OFFLOADER_ACCESS_LOG=off"};
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (std::string& variable : variables) envp.push_back(variable.data());
  envp.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  const std::string out_path = folder_.path() / "out";
  const std::string err_path = folder_.path() / "err";
  posix_spawn_file_actions_addopen(&files, 1, out_path.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&files, 2, err_path.c_str(), O_WRONLY | O_CREAT, 0600);
  if (::posix_spawn(&child_, OFFLOADER_BINARY, &files, nullptr, argv.data(), envp.data()) != 0) child_ = -1;
  posix_spawn_file_actions_destroy(&files);
}

Serving::~Serving() {
  if (ended()) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, &status_, 0);
}

bool Serving::ended() {
  if (child_ < 0) return true;
  if (::waitpid(child_, &status_, WNOHANG) != child_) return false;
  child_ = -1;
  return true;
}

bool Serving::await_ready() {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(5);
  while (std::chrono::steady_clock::now() < until && !ended()) {
    std::istringstream printed(out());
    for (std::string line; std::getline(printed, line);) {
      const auto url = [&] {
        return line.substr(line.find("http")).substr(0, line.rfind('/') - line.find("http"));
      };
      if (line.starts_with("Admin ")) admin_ = url();
      if (line.starts_with("API "))
        api_ = line.substr(line.find("http"), line.find("/v1/") - line.find("http"));
    }
    const auto ready = admin_.empty() ? Result<HttpAnswer>(fail(ErrorCode::not_ready, ""))
                                      : http_get(admin_ + "/ready", {}, std::chrono::seconds(2));
    if (ready && ready->status == 200) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

bool Serving::await_err(const std::string& text) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(5);
  while (std::chrono::steady_clock::now() < until) {
    const bool over = ended();
    if (err().find(text) != std::string::npos) return true;
    if (over) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

void Serving::hang_up() {
  if (!ended()) ::kill(child_, SIGHUP);
}

int Serving::stop() {
  if (ended()) return -1;
  ::kill(child_, SIGTERM);
  ::waitpid(child_, &status_, 0);
  child_ = -1;
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
}

}  // namespace offloader::cli
