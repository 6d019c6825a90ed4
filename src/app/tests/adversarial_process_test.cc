// The invariants of security.md that show only from outside the process: what it logs, which connections it
// opens and where it writes. The number in a test's name is that of the invariant.

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "await.h"
#include "server_process.h"
#include "two_tenants.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;
using two_tenants::kYak;
using two_tenants::kZebra;

const std::string kOrders = "/v1/endpoints/orders";

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

// Sends good and bad requests, a refresh, a rollback and a reload. Returns everything that came back.
std::string exercise(ServerProcess& server, const fs::path& root) {
  std::string said;
  HttpClient client(server.api_port());
  const auto ask = [&](const std::string& target, const std::vector<std::string>& headers,
                       const std::string& method = "GET") {
    const Answer answer = client.send(method, target, headers);
    // Rows and ETags belong to the tenant; errors must not contain anything private.
    if (answer.status != 200) said += answer.body;
  };
  ask(kOrders, {kZebra});
  ask(kOrders, {kZebra, "accept-encoding: gzip"});
  ask(kOrders + "?text=value-canary-1&least=4711001", {kZebra});
  ask(kOrders + "?status=value-canary-2", {kZebra});
  ask(kOrders + "?value-canary-3%21=1", {kYak});
  ask(kOrders + "?since=value-canary-4",
      {kYak, "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"});
  ask("/v1/endpoints/value-canary-5", {kYak});
  ask("/value-canary-6", {kYak});
  ask(kOrders, {"authorization: Bearer offl_value-canary-7"});
  ask(kOrders, {"authorization: Bearer offl_value canary-7"});
  ask(kOrders, {two_tenants::kRevoked});
  ask(kOrders, {kZebra, "x-request-id: value-canary-8!"});
  ask(kOrders, {kZebra}, "VALUE-CANARY-9");
  ask(kOrders,
      {kZebra, "origin: https://value-canary-10", "cookie: value-canary-11", "user-agent: value-canary-12"});
  ask(kOrders + "?text=" + std::string(9000, 'v'), {kZebra});
  HttpClient admin(server.admin_port());
  const std::vector<std::string> token = {"authorization: Bearer admin-token-canary"};
  said += admin.send("POST", "/datasets/orders/refresh", {"authorization: Bearer value-canary-13"}).body;
  two_tenants::write_manifest(root, "s2", "orders.csv");
  said += admin.send("POST", "/datasets/orders/refresh", token).body;
  said += admin.send("POST", "/datasets/orders/rollback", token).body;
  two_tenants::write_manifest(root, "s3", "missing.csv");
  said += admin.send("POST", "/datasets/orders/refresh", token).body;
  said += admin.send("POST", "/config/reload", token).body;
  for (const char* path : {"/metrics", "/diagnostics", "/docs", "/schema", "/openapi.json", "/status",
                           "/ready", "/live", "/support-bundle"})
    said += admin.get(path, token).body;
  return said;
}

TEST(AdversarialProcess, Invariant6_LogsAndAnswers_ContainNoSecretValueOrTenant) {
  const TemporaryFolder folder;
  two_tenants::write(folder.path() / "project");
  ServerProcess server(folder.path() / "project",
                       {.environment = {{"OFFLOADER_ADMIN_TOKEN", "admin-token-canary"},
                                        {"OFFLOADER_SECRET_KEY_BASE", "secret-base-canary-0123456789abcdef"},
                                        {"OFFLOADER_LOG_LEVEL", "debug"}}});
  ASSERT_TRUE(server.await_ready()) << server.log();
  std::string said = exercise(server, folder.path() / "project");
  ASSERT_EQ(server.stop(), 0) << server.log();
  const std::string log = server.log();
  EXPECT_THAT(log, ::testing::HasSubstr("0af7651916cd43dd8448eb211c80319c")) << "access lines were written";
  said += log;
  std::vector<std::string> secrets = two_tenants::canaries();
  secrets.insert(secrets.end(), {"admin-token-canary", "secret-base-canary", "value-canary", "value canary",
                                 "VALUE-CANARY", "4711001", std::string(100, 'v')});
  for (const std::string& secret : secrets) {
    const auto at = said.find(secret);
    EXPECT_EQ(at, std::string::npos) << secret << " in …" << said.substr(at < 100 ? 0 : at - 100, 250);
  }
}

TEST(AdversarialProcess, AccessLog_EachRequest_HasOneLineWithItsFields) {
  const TemporaryFolder folder;
  two_tenants::write(folder.path() / "project");
  ServerProcess server(folder.path() / "project",
                       {.environment = {{"OFFLOADER_TRUSTED_PROXIES", "127.0.0.0/8"}}});
  ASSERT_TRUE(server.await_ready()) << server.log();
  HttpClient client(server.api_port());
  ASSERT_EQ(
      client
          .get(kOrders + "?limit=3", {kZebra, "x-request-id: line-1", "x-forwarded-for: 192.0.2.7",
                                      "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
          .status,
      200);
  ASSERT_EQ(client.get(kOrders + "?limit=0", {kZebra, "x-request-id: line-2"}).status, 422);
  const Answer head = client.send("HEAD", kOrders + "?limit=3", {kZebra, "x-request-id: line-3"});
  ASSERT_EQ(client
                .get(kOrders + "?limit=3",
                     {kZebra, "x-request-id: line-4", "if-none-match: " + head.headers.at("etag")})
                .status,
            304);
  ASSERT_EQ(client.get("/healthz", {"x-request-id: line-5"}).status, 200);
  ASSERT_EQ(server.stop(), 0);
  std::map<std::string, nlohmann::json> lines;
  std::istringstream log(server.log());
  for (std::string text; std::getline(log, text);) {
    const auto line = nlohmann::json::parse(text, nullptr, false);
    ASSERT_TRUE(line.is_object()) << text;
    if (line.value("message", "") != "request") continue;
    EXPECT_TRUE(lines.emplace(line["request_id"], line).second) << "one line a request";
  }
  ASSERT_EQ(lines.size(), 5U);
  const auto& first = lines["line-1"];
  EXPECT_EQ(first["level"], "info");
  EXPECT_EQ(first["method"], "GET");
  EXPECT_EQ(first["endpoint"], "orders");
  EXPECT_EQ(first["status"], 200);
  EXPECT_EQ(first["cache"], "miss");
  EXPECT_EQ(first["rows"], 3);
  EXPECT_EQ(first["snapshot"], "s1");
  EXPECT_EQ(first["key_id"], "first_key");
  EXPECT_EQ(first["client"], "192.0.2.7");
  EXPECT_EQ(first["trace_id"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_GT(first["bytes"], 100);
  EXPECT_GT(first["duration_ms"], 0);
  EXPECT_EQ(lines["line-2"]["status"], 422);
  EXPECT_EQ(lines["line-2"]["client"], "127.0.0.1");
  EXPECT_EQ(lines["line-3"]["cache"], "hit");
  EXPECT_EQ(lines["line-3"]["bytes"], 0) << "as sent";
  EXPECT_EQ(lines["line-4"]["status"], 304);
  EXPECT_EQ(lines["line-5"]["endpoint"], "_unknown");
}

// Returns a counter of /proc/net/snmp in this network namespace; -1 if it is missing.
long network_counter(const std::string& protocol, const std::string& name) {
  std::istringstream lines(text_of("/proc/self/net/snmp"));
  std::string heads;
  std::string values;
  while (std::getline(lines, heads) && std::getline(lines, values)) {
    if (!heads.starts_with(protocol + ":")) continue;
    std::istringstream head(heads);
    std::istringstream value(values);
    for (std::string h, v; head >> h && value >> v;) {
      if (h == name) return std::stol(v);
    }
  }
  return -1;
}

// Runs in a network namespace with only a loopback. Its counters show every attempt to reach anything: opened
// connections, sent datagrams, and destinations without a route.
int watch_connections(const fs::path& root, const fs::path& out) {
  std::ofstream report(out);
  if (::unshare(CLONE_NEWNET) != 0) return 77;
  const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
  ifreq loopback{};
  std::strcpy(loopback.ifr_name, "lo");
  loopback.ifr_flags = IFF_UP;
  if (::ioctl(socket, SIOCSIFFLAGS, &loopback) != 0) return 77;
  ::close(socket);
  ServerProcess server(root, {.environment = {{"OFFLOADER_ADMIN_TOKEN", "admin-token-canary"}}});
  if (!server.await_ready()) {
    report << server.log();
    return 1;
  }
  // Probing before it was ready opened refused connections, too, so count from here on.
  const long opened = network_counter("Tcp", "ActiveOpens");
  const long accepted = network_counter("Tcp", "PassiveOpens");
  static_cast<void>(exercise(server, root));
  if (server.stop() != 0) return 2;
  const long own = network_counter("Tcp", "ActiveOpens") - opened;
  const long served = network_counter("Tcp", "PassiveOpens") - accepted;
  const long datagrams = network_counter("Udp", "OutDatagrams");
  const long unrouted = network_counter("Ip", "OutNoRoutes");
  report << "opened " << own << ", of which the server accepted " << served << "; datagrams " << datagrams
         << ", without a route " << unrouted << "\n"
         << server.log();
  // Every connection was opened by this client and accepted by the server.
  return own == served && datagrams == 0 && unrouted == 0 ? 0 : 3;
}

TEST(AdversarialProcess, Invariant10_LocalProject_OpensNoConnection) {
  const TemporaryFolder folder;
  two_tenants::write(folder.path() / "project");
  const pid_t child = ::fork();
  if (child == 0) ::_exit(watch_connections(folder.path() / "project", folder.path() / "report"));
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "needs the right to make a network namespace (root)";
  EXPECT_EQ(WEXITSTATUS(status), 0) << text_of(folder.path() / "report");
}

// Returns the inodes of a process's sockets.
std::set<std::string> sockets_of(pid_t pid) {
  std::set<std::string> inodes;
  for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
    std::error_code error;
    const std::string target = fs::read_symlink(entry.path(), error).string();
    if (target.starts_with("socket:[")) inodes.insert(target.substr(8, target.size() - 9));
  }
  return inodes;
}

std::vector<std::vector<std::string>> words_of(const fs::path& table) {
  std::vector<std::vector<std::string>> lines;
  std::istringstream text(text_of(table));
  for (std::string line; std::getline(text, line);) {
    std::istringstream fields(line);
    lines.emplace_back();
    for (std::string word; fields >> word;) lines.back().push_back(word);
  }
  return lines;
}

// The same, observed from outside: every socket of the process listens or was accepted.
TEST(AdversarialProcess, Invariant10_OpenSockets_BelongToItsPorts) {
  const TemporaryFolder folder;
  two_tenants::write(folder.path() / "project");
  ServerProcess server(folder.path() / "project");
  ASSERT_TRUE(server.await_ready()) << server.log();
  HttpClient client(server.api_port());
  ASSERT_EQ(client.get(kOrders, {kZebra}).status, 200);
  char api[8];
  char admin[8];
  std::snprintf(api, sizeof api, ":%04X", server.api_port());
  std::snprintf(admin, sizeof admin, ":%04X", server.admin_port());
  // A connection that ends between the two reads is in only one of the lists; then try again.
  std::set<std::string> unknown;
  EXPECT_TRUE(await(
      [&] {
        unknown = sockets_of(server.pid());
        EXPECT_GE(unknown.size(), 3U);
        for (const auto& words : words_of("/proc/self/net/tcp")) {
          if (words.size() < 10 || unknown.erase(words[9]) == 0) continue;
          EXPECT_TRUE(words[1].ends_with(api) || words[1].ends_with(admin)) << words[1] << " " << words[2];
        }
        // Unnamed socket pairs, by which threads of one process wake each other, reach nothing outside.
        for (const auto& words : words_of("/proc/self/net/unix")) {
          if (words.size() == 7) unknown.erase(words[6]);
        }
        return unknown.empty();
      },
      std::chrono::minutes(1)))
      << "there is no other kind of socket: " << *unknown.begin();
}

// Runs the program as account 65534 with a root file system that is read-only except for `writable`, which
// holds the cache folder and what this test writes itself.
int run_read_only(const fs::path& root, const fs::path& writable) {
  const fs::path cache = writable / "cache";
  const fs::path own = writable / "own";
  std::ofstream report(writable / "report");
  if (::unshare(CLONE_NEWNS) != 0) return 77;
  const std::string commands =
      "set -e; mount --make-rprivate /; mount --bind " + writable.string() + " " + writable.string() +
      "; for m in $(awk '{print $5}' /proc/self/mountinfo); do case $m in " + writable.string() +
      "|/proc*|/dev/pts*) ;; *) mount -o remount,bind,ro $m 2>/dev/null || :;; esac; done; "
      "if touch /etc/written /tmp/written 2>/dev/null; then exit 1; fi; touch " +
      own.string() + "/probe";
  if (std::system(commands.c_str()) != 0) return 77;
  ::setenv("TMPDIR", own.c_str(), 1);
  ServerProcess server(root, {.environment = {{"OFFLOADER_ADMIN_TOKEN", "admin-token-canary"}},
                              .as_nobody = true,
                              .cache_dir = cache});
  if (!server.await_ready()) {
    report << server.log();
    return 1;
  }
  HttpClient client(server.api_port());
  if (client.get(kOrders, {kZebra}).status != 200) return 2;
  if (text_of("/proc/" + std::to_string(server.pid()) + "/status").find("\nUid:\t65534\t65534") ==
      std::string::npos)
    return 3;
  // Every file open for writing is in the cache folder, or is the log.
  for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(server.pid()) + "/fd")) {
    std::error_code error;
    const std::string target = fs::read_symlink(entry.path(), error).string();
    struct stat link {};
    if (::lstat(entry.path().c_str(), &link) != 0 || (link.st_mode & S_IWUSR) == 0) continue;
    if (!target.starts_with("/") || target.starts_with("/dev/") || target.ends_with("/log")) continue;
    if (!target.starts_with(cache.string())) {
      report << target << " is open for writing\n";
      return 4;
    }
  }
  HttpClient admin(server.admin_port());
  if (admin.send("POST", "/datasets/orders/refresh", {"authorization: Bearer admin-token-canary"}).status !=
      200)
    return 5;
  report << server.log();
  return server.stop() == 0 ? 0 : 6;
}

TEST(AdversarialProcess, Invariant11_ReadOnlyRootWithoutPrivileges_Serves) {
  const TemporaryFolder folder;
  two_tenants::write(folder.path() / "project");
  const fs::path writable = folder.path() / "writable";
  const fs::path cache = writable / "cache";
  fs::create_directories(cache);
  fs::create_directories(writable / "own");
  fs::permissions(folder.path(), fs::perms::all);
  if (::chown(cache.c_str(), 65534, 65534) != 0) GTEST_SKIP() << "needs root, to give the cache folder away";
  const pid_t child = ::fork();
  if (child == 0) ::_exit(run_read_only(folder.path() / "project", writable));
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "needs the right to make a mount namespace (root)";
  EXPECT_EQ(WEXITSTATUS(status), 0) << text_of(writable / "report");
}

}  // namespace
}  // namespace offloader::app
