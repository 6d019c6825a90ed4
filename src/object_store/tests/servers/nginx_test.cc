// Tests against Debian's nginx over TLS, with a CA that the test creates.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "../store_fixture.h"
#include "offloader/credentials/command_output.h"

namespace offloader::object_store {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> run(const std::vector<std::string>& argv) {
  return credentials::command_output(argv,
                                     {std::chrono::steady_clock::now() + std::chrono::seconds(60), nullptr});
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

int listen_anywhere(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
  ::listen(fd, 16);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return fd;
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

// A proxy that tunnels every CONNECT to `target`, whatever host is requested, one connection at a time.
class ConnectProxy {
 public:
  explicit ConnectProxy(std::uint16_t target) : target_(target) {
    listener_ = listen_anywhere(port_);
    thread_ = std::thread([this] { serve(); });
  }
  ~ConnectProxy() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  ConnectProxy(const ConnectProxy&) = delete;
  ConnectProxy& operator=(const ConnectProxy&) = delete;
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int tunnels() const { return tunnels_; }

 private:
  void serve() {
    while (!stopping_) {
      const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) continue;
      std::string head;
      char bytes[4096];
      ssize_t count = 0;
      while (head.find("\r\n\r\n") == std::string::npos &&
             (count = ::recv(client, bytes, sizeof bytes, 0)) > 0)
        head.append(bytes, static_cast<std::size_t>(count));
      const int server = head.starts_with("CONNECT ") ? connect_to(target_) : -1;
      if (server >= 0) {
        ++tunnels_;
        constexpr std::string_view kOk = "HTTP/1.1 200 Connection established\r\n\r\n";
        static_cast<void>(::send(client, kOk.data(), kOk.size(), MSG_NOSIGNAL));
        pump(client, server);
        ::close(server);
      }
      ::close(client);
    }
  }
  void pump(int a, int b) {
    char bytes[16384];
    while (!stopping_) {
      pollfd ends[2] = {{a, POLLIN, 0}, {b, POLLIN, 0}};
      if (::poll(ends, 2, 20) <= 0) continue;
      for (int i = 0; i < 2; ++i) {
        if (ends[i].revents == 0) continue;
        const ssize_t count = ::recv(ends[i].fd, bytes, sizeof bytes, 0);
        if (count <= 0) return;
        if (::send(ends[1 - i].fd, bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL) != count) return;
      }
    }
  }

  const std::uint16_t target_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<bool> stopping_{false};
  std::atomic<int> tunnels_{0};
  std::thread thread_;
};

class NginxTest : public ::testing::Test {
 protected:
  NginxTest() {
    std::string name = "/tmp/offloader-nginx-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    fs::permissions(folder_, fs::perms::all);
    fs::create_directories(folder_ / "www");
    std::ofstream(folder_ / "www/data.bin", std::ios::binary) << bytes_;
    // The certificates are created on each run, because committed ones would expire.
    std::ofstream(folder_ / "san") << "subjectAltName=DNS:data.test,DNS:localhost,IP:127.0.0.1\n";
    const auto at = [&](const char* file) { return (folder_ / file).string(); };
    const bool made =
        run({"/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", at("ca.key"),
             "-out", at("ca.pem"), "-days", "2", "-subj", "/CN=Offloader test CA"}) &&
        run({"/usr/bin/openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", at("server.key"), "-out",
             at("csr"), "-subj", "/CN=data.test"}) &&
        run({"/usr/bin/openssl", "x509", "-req", "-in", at("csr"), "-CA", at("ca.pem"), "-CAkey",
             at("ca.key"), "-out", at("server.pem"), "-days", "2", "-CAcreateserial", "-extfile", at("san")});
    EXPECT_TRUE(made) << "openssl made no certificates";
    start();
    options_.ca_file = at("ca.pem");
  }
  ~NginxTest() override {
    if (pid_ > 0) {
      ::kill(pid_, SIGTERM);
      ::waitpid(pid_, nullptr, 0);
    }
    fs::remove_all(folder_);
  }

  void start() {
    // Another process may take the port before nginx starts; then try the next one.
    for (int round = 0; round < 5; ++round) {
      ::close(listen_anywhere(port_));
      std::ofstream(folder_ / "nginx.conf")
          << "daemon off; master_process off; pid " << (folder_ / "pid").string() << "; error_log "
          << (folder_ / "error.log").string() << ";\nevents {}\nhttp { access_log off;\n"
          << "client_body_temp_path " << (folder_ / "t1").string() << "; proxy_temp_path "
          << (folder_ / "t2").string() << "; fastcgi_temp_path " << (folder_ / "t3").string()
          << "; uwsgi_temp_path " << (folder_ / "t4").string() << "; scgi_temp_path "
          << (folder_ / "t5").string() << ";\nserver { listen 127.0.0.1:" << port_ << " ssl; ssl_certificate "
          << (folder_ / "server.pem").string() << "; ssl_certificate_key "
          << (folder_ / "server.key").string() << "; root " << (folder_ / "www").string() << "; } }\n";
      pid_ = ::fork();
      if (pid_ == 0) {
        ::execl("/usr/sbin/nginx", "nginx", "-c", (folder_ / "nginx.conf").c_str(), "-e", "/dev/null",
                nullptr);
        ::_exit(127);
      }
      const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
      while (std::chrono::steady_clock::now() < until && ::waitpid(pid_, nullptr, WNOHANG) == 0) {
        // nginx writes the file after it has the port, so whoever answers is nginx.
        if (const int fd = fs::exists(folder_ / "pid") ? connect_to(port_) : -1; fd >= 0) {
          ::close(fd);
          return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    }
    pid_ = -1;
    FAIL() << "nginx did not start; its package: dev/scripts/setup.sh --tools stores";
  }

  std::string url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(port_) + "/data.bin";
  }
  ObjectStore& store() {
    if (!store_) store_ = make_object_store(options_, *telemetry_);
    return *store_;
  }

  const std::string bytes_ = some_bytes(5 << 20, 41);
  fs::path folder_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
  StoreOptions options_ = test_options();
  std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  std::shared_ptr<ObjectStore> store_;
};

TEST_F(NginxTest, ReadMany_PrivateCa_ReturnsRangesUnderTheTag) {
  const auto info = store().stat(url("localhost"), {});
  ASSERT_THAT(info, Succeeds());
  EXPECT_EQ(info->size, bytes_.size());
  EXPECT_FALSE(info->tag.empty());
  std::string first(1000, '\0'), second(1 << 20, '\0');
  ASSERT_THAT(
      store().read_many(url("localhost"),
                        {{{5, first.size()}, first.data()}, {{3 << 20, second.size()}, second.data()}},
                        info->tag, {}),
      Succeeds());
  EXPECT_EQ(first, bytes_.substr(5, first.size()));
  EXPECT_EQ(second, bytes_.substr(3 << 20, second.size()));
  EXPECT_EQ(*store().get(url("localhost"), 8 << 20, {}), bytes_);
  std::ofstream(folder_ / "www/data.bin", std::ios::binary) << bytes_ << "more";
  EXPECT_THAT(store().read(url("localhost"), {0, 1000}, first.data(), info->tag, {}),
              FailsWith(ErrorCode::changed));
}

TEST_F(NginxTest, Get_UntrustedCaOrWrongName_IsUnavailable) {
  EXPECT_THAT(store().get(url("127.0.0.1"), 8 << 20, {}), Succeeds());
  store_.reset();
  options_.ca_file.clear();
  EXPECT_THAT(store().get(url("localhost"), 8 << 20, {}), FailsWith(ErrorCode::unavailable));
  store_.reset();
  options_.ca_file = (folder_ / "ca.pem").string();
  EXPECT_THAT(store().get("https://wrong.localhost:" + std::to_string(port_) + "/data.bin", 8 << 20, {}),
              FailsWith(ErrorCode::unavailable));
}

TEST_F(NginxTest, Get_HttpsProxy_IsUsedExceptForNoProxy) {
  const ConnectProxy proxy(port_);
  options_.https_proxy = proxy.url();
  // Only the proxy can resolve this name.
  EXPECT_EQ(store().get("https://data.test/data.bin", 8 << 20, {}).value_or(""), bytes_);
  EXPECT_GE(proxy.tunnels(), 1);
  const int before = proxy.tunnels();
  store_.reset();
  options_.no_proxy = "localhost";
  EXPECT_EQ(store().get(url("localhost"), 8 << 20, {}).value_or(""), bytes_);
  EXPECT_EQ(proxy.tunnels(), before);
}

}  // namespace
}  // namespace offloader::object_store
