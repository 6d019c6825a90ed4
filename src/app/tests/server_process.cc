#include "server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>

namespace offloader::app {
namespace {

// Binds a free port and returns it with the socket. While the socket is open, the system gives the port to
// nobody who asks for any free one. The program can still listen on it: both sockets set SO_REUSEADDR, and
// this one does not listen.
std::pair<Descriptor, std::uint16_t> reserve_port() {
  Descriptor reservation(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(reservation.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  std::uint16_t port = 0;
  if (::bind(reservation.get(), raw, size) == 0 && ::getsockname(reservation.get(), raw, &size) == 0)
    port = ntohs(address.sin_port);
  return {std::move(reservation), port};
}

// Returns whether every dataset in this text of /metrics has an active snapshot.
bool all_active(const std::string& metrics) {
  std::istringstream lines(metrics);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("offloader_snapshot_age_seconds{") && line.ends_with(" NaN")) return false;
  }
  return true;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

// Copies the suppression files that sanitizer options in `environment` name into `folder`, and adjusts the
// options.
void bring_suppressions(std::map<std::string, std::string>& environment,
                        const std::filesystem::path& folder) {
  constexpr std::string_view kOption = "suppressions=";
  for (auto& [name, value] : environment) {
    const auto option = value.find(kOption);
    if (!name.ends_with("_OPTIONS") || option == std::string::npos) continue;
    const auto begin = option + kOption.size();
    const auto length = std::min(value.find(':', begin), value.size()) - begin;
    const auto copy = folder / (name + ".supp");
    std::filesystem::copy_file(value.substr(begin, length), copy);
    value.replace(begin, length, copy.string());
  }
}

}  // namespace

ServerProcess::ServerProcess(const std::filesystem::path& project, Options options)
    : cache_dir_(options.cache_dir.empty() ? own_.path() / "cache" : options.cache_dir) {
  std::tie(api_reservation_, api_port_) = reserve_port();
  std::tie(admin_reservation_, admin_port_) = reserve_port();
  std::map<std::string, std::string> environment = {{"OFFLOADER_CONFIG", project.string()},
                                                    {"OFFLOADER_SECRET_KEY_BASE", std::string(32, 'k')},
                                                    {"OFFLOADER_CACHE_DIR", cache_dir_.string()},
                                                    {"OFFLOADER_API_BIND", "127.0.0.1"},
                                                    {"OFFLOADER_API_PORT", std::to_string(api_port_)},
                                                    {"OFFLOADER_ADMIN_PORT", std::to_string(admin_port_)},
                                                    {"OFFLOADER_DRAIN_SECONDS", "0"},
                                                    {"OFFLOADER_DUCKDB_MEMORY_LIMIT", "2GB"},
                                                    {"OFFLOADER_LOG_FORMAT", "json"},
                                                    {"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}};
  // Tell sanitizers where their suppressions are.
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) environment[name] = value;
  }
  for (const auto& [name, value] : options.environment) environment[name] = value;
  std::vector<std::string> words = {OFFLOADER_BINARY, "start"};
  if (options.as_nobody) {
    // The build folder may be inaccessible to other accounts.
    const auto program = own_.path() / "program";
    std::filesystem::create_directories(program);
    std::filesystem::copy_file(OFFLOADER_BINARY, program / "offloader");
    std::filesystem::copy_file(OFFLOADER_DUCKDB_LIBRARY, program / "libduckdb.so");
    environment["LD_LIBRARY_PATH"] = program.string();
    bring_suppressions(environment, program);
    const std::string account = std::to_string(options.account);
    words = {"setpriv",        "--reuid=" + account, "--regid=" + account,
             "--clear-groups", "--no-new-privs",     program / "offloader",
             "start"};
  }
  words.insert(words.begin(), options.within.begin(), options.within.end());
  std::vector<std::string> settings;
  for (const auto& [name, value] : environment) settings.push_back(name + "=" + value);
  // Prepare everything before the fork: between fork and exec little is allowed in a process with threads.
  std::vector<char*> arguments;
  std::vector<char*> variables;
  for (std::string& word : words) arguments.push_back(word.data());
  for (std::string& setting : settings) variables.push_back(setting.data());
  arguments.push_back(nullptr);
  variables.push_back(nullptr);
  const std::string log = (own_.path() / "log").string();
  const rlimit files{options.max_files, options.max_files};
  pid_ = ::fork();
  if (pid_ != 0) return;
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  // Close files inherited from the test's own process.
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  if (files.rlim_max != 0) ::setrlimit(RLIMIT_NOFILE, &files);
  ::execvpe(arguments[0], arguments.data(), variables.data());
  ::_exit(127);
}

ServerProcess::~ServerProcess() {
  kill();
}

void ServerProcess::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void ServerProcess::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

bool ServerProcess::await_ready() {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(5);
  while (std::chrono::steady_clock::now() < until) {
    if (::waitpid(pid_, nullptr, WNOHANG) != 0) {
      pid_ = -1;
      return false;
    }
    HttpClient admin(admin_port_);
    if (admin.get("/ready").status == 200) {
      const Answer metrics = admin.get("/metrics");
      if (metrics.status == 200 && all_active(metrics.body)) return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

std::optional<int> ServerProcess::exited() {
  int status = 0;
  if (pid_ <= 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int ServerProcess::stop() {
  signal(SIGTERM);
  return await_exit();
}

int ServerProcess::await_exit() {
  if (pid_ <= 0) return -1;
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (std::chrono::steady_clock::now() < until) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return -1;
}

std::string ServerProcess::log() const {
  return text_of(own_.path() / "log");
}

double ServerProcess::metric(const std::string& series) const {
  HttpClient admin(admin_port_);
  const std::string text = "\n" + admin.get("/metrics").body;
  const auto at = text.find("\n" + series + " ");
  return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + series.size() + 2, nullptr);
}

std::uint64_t ServerProcess::memory(const std::string& field) const {
  const std::string text = text_of("/proc/" + std::to_string(pid_) + "/status");
  const auto at = text.find(field + ":");
  return at == std::string::npos ? 0
                                 : std::strtoull(text.c_str() + at + field.size() + 1, nullptr, 10) * 1024;
}

void ServerProcess::reset_peak() const {
  std::ofstream("/proc/" + std::to_string(pid_) + "/clear_refs") << "5";
}

std::vector<std::string> ServerProcess::open_files() const {
  std::vector<std::string> out;
  std::error_code error;
  std::filesystem::directory_iterator each("/proc/" + std::to_string(pid_) + "/fd", error);
  for (; !error && each != std::filesystem::directory_iterator(); each.increment(error)) {
    std::error_code closed;  // since it was listed
    const auto target = std::filesystem::read_symlink(each->path(), closed);
    if (!closed) out.push_back(target.string());
  }
  return out;
}

std::vector<std::string> ServerProcess::deleted_files() const {
  std::vector<std::string> out = open_files();
  std::istringstream maps(text_of("/proc/" + std::to_string(pid_) + "/maps"));
  for (std::string line; std::getline(maps, line);) {
    const auto path = line.find('/');
    if (path != std::string::npos) out.push_back(line.substr(path));
  }
  std::erase_if(out, [this](const std::string& file) {
    return !file.starts_with(cache_dir_.string()) || !file.ends_with(" (deleted)");
  });
  return out;
}

}  // namespace offloader::app
