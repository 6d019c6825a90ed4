// Steady reads with credentials that expire every few seconds: no read fails, and nothing that the server
// logs or answers contains a secret (object-stores.md). Takes seconds; a minute with OFFLOADER_SOAK=1.

#include <zlib.h>

#include <chrono>

#include "bucket_scene.h"
#include "offloader/credentials/testing/fake_credential_services.h"
#include "server_process.h"

namespace offloader::app {
namespace {

using credentials::testing::FakeCredentialServices;
using std::chrono::seconds;
using std::chrono::steady_clock;
using transport::testing::Fault;
using transport::testing::Request;
using transport::testing::text_answer;

constexpr const char* kAdminToken = "an admin token of this test";

std::string inflated(const std::string& bytes) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(32 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

// An error page that repeats the whole request, as some stores send for a wrong signature.
Fault echo(int status, const Request& request) {
  std::string body = "<Error><Code>SignatureDoesNotMatch</Code><Message>";
  for (const auto& [name, value] : request.headers) body += name + ": " + value + "\n";
  body += request.query + "</Message></Error>";
  Fault fault;
  fault.instead = text_answer(status, body, "application/xml");
  fault.instead->headers.emplace_back("X-Echo", request.header("authorization"));
  fault.instead->headers.emplace_back("Retry-After", "0");
  return fault;
}

class StoreSecrets : public BucketScene {
 protected:
  StoreSecrets() {
    // In the short version, longer than a busy machine may take from issuing credentials to checking them.
    services_.set_lifetime(soak() ? seconds(2) : seconds(5));
    environment_ = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", services_.container_url()},
                    {"AWS_CONTAINER_AUTHORIZATION_TOKEN", FakeCredentialServices::kContainerToken},
                    {"AWS_EC2_METADATA_DISABLED", "true"},
                    {"GCE_METADATA_HOST", services_.metadata_host()},
                    {"OFFLOADER_S3_ENDPOINT", s3_.endpoint()},
                    {"OFFLOADER_GCS_ENDPOINT", gcs_.endpoint()},
                    {"OFFLOADER_GCS_AUTH", "bearer"},
                    {"OFFLOADER_S3_AUTH", "chain"},
                    {"OFFLOADER_ADMIN_TOKEN", kAdminToken},
                    {"OFFLOADER_LOG_LEVEL", "debug"},
                    {"OFFLOADER_POOL_WAIT_MS", "60000"},
                    {"OFFLOADER_REFRESH_INTERVAL", "1"},
                    {"OFFLOADER_CONFIG_SYNC_INTERVAL", "1"}};
  }

  // Returns everything that the admin port shows, with the support bundle unpacked.
  static std::string all_of(ServerProcess& server) {
    std::string said;
    HttpClient admin(server.admin_port());
    const std::vector<std::string> token = {std::string("authorization: Bearer ") + kAdminToken};
    for (const char* path :
         {"/metrics", "/diagnostics", "/docs", "/schema", "/openapi.json", "/status", "/ready", "/live"}) {
      const Answer answer = admin.get(path, token);
      EXPECT_NE(answer.status, 0) << path;
      said += answer.body;
    }
    const Answer bundle = admin.get("/support-bundle", token);
    EXPECT_EQ(bundle.status, 200);
    said += inflated(bundle.body);
    said += admin.send("POST", "/datasets/numbers/refresh", token).body;
    said += admin.send("POST", "/config/reload", token).body;
    return said;
  }

  void expect_no_secret(const std::string& said) {
    std::vector<std::string> secrets = book_.secrets();
    ASSERT_GT(secrets.size(), 2U);
    secrets.emplace_back(FakeCredentialServices::kContainerToken);
    secrets.emplace_back(kAdminToken);
    for (const std::string& secret : secrets) {
      const auto at = said.find(secret);
      EXPECT_EQ(at, std::string::npos) << secret << " in …" << said.substr(at < 200 ? 0 : at - 200, 500);
    }
  }

  std::map<std::string, std::string> environment_;
  FakeCredentialServices services_{book_};
};
INSTANTIATE_TEST_SUITE_P(Stores, StoreSecrets, ::testing::Values("s3", "gs"),
                         [](const auto& each) { return std::string(each.param); });

TEST_P(StoreSecrets, Read_CredentialsExpireEveryFewSeconds_NeverFailsNorLeaks) {
  put_project("prod/");
  publish("prod/", 1, 100);
  ServerProcess server(url("prod"), {.environment = environment_});
  ASSERT_TRUE(server.await_ready()) << server.log();
  // From time to time the store answers with a retryable error that repeats the whole request. No read fails
  // because of it.
  std::mutex echoed_mutex;
  auto echoed = steady_clock::now();
  int echoes = 0;
  store().choose_faults([&](const Request& request) -> std::optional<Fault> {
    const std::lock_guard lock(echoed_mutex);
    if (steady_clock::now() < echoed + seconds(3)) return std::nullopt;
    echoed = steady_clock::now();
    ++echoes;
    return echo(503, request);
  });
  constexpr int kLeastReads = 20;
  std::atomic<int> reads{0};
  std::mutex failed_mutex;
  std::vector<std::string> failed;
  const auto until = steady_clock::now() + (soak() ? seconds(60) : seconds(7));
  std::vector<std::thread> readers;
  for (const char* mode : {"local_table", "remote_scan", "remote_scan"}) {
    readers.emplace_back([&, mode] {
      HttpClient client(server.api_port());
      for (int i = 0; steady_clock::now() < until || reads <= kLeastReads; ++i) {
        const Answer answer =
            client.get(std::string("/v1/endpoints/") + mode + "?limit=" + std::to_string(1 + i % 100));
        ++reads;
        if (answer.status == 200) continue;
        const std::lock_guard lock(failed_mutex);
        failed.push_back(std::string(mode) + ": " + answer.body);
      }
    });
  }
  // Meanwhile snapshots arrive; their manifests and files are read with the credentials of the moment.
  int snapshot = 1;
  for (auto next = steady_clock::now(); next < until; next += seconds(3)) {
    std::this_thread::sleep_until(next);
    publish("prod/", ++snapshot, 100);
  }
  for (std::thread& reader : readers) reader.join();
  const double refreshed = server.metric(R"(offloader_refresh_total{dataset="numbers",outcome="ok"})");
  EXPECT_THAT(failed, ::testing::IsEmpty());
  std::string said = all_of(server);
  store().choose_faults({});
  const std::size_t issued = book_.issued();
  std::cout << reads << " reads, " << failed.size() << " failed, " << issued << " credentials issued, "
            << snapshot << " snapshots put, " << refreshed << " refreshed, " << echoes
            << " answers that told the request\n";
  EXPECT_GT(reads.load(), kLeastReads);
  EXPECT_GE(issued, soak() ? 25U : 2U);
  EXPECT_GT(echoes, 0);

  // First the store refuses valid credentials, then the credentials service fails as well. Neither failure
  // may reveal them. One after the other: keys that expire during the first would hide the refusal.
  HttpClient client(server.api_port());
  const auto expect_unavailable = [&] {
    Answer refused;
    EXPECT_TRUE(await([&] {
      refused = client.get("/v1/endpoints/remote_scan");
      return refused.status != 200;
    }));
    EXPECT_EQ(refused.status, 503) << refused.body;
    said += refused.body + all_of(server);
  };
  store().choose_faults([](const Request& request) { return echo(403, request); });
  expect_unavailable();
  EXPECT_TRUE(await([&] { return server.log().contains("the store denied access"); })) << server.log();
  std::atomic<bool> service_failed{false};
  services_.server().choose_faults([&](const Request& request) {
    service_failed = true;
    return echo(500, request);
  });
  EXPECT_TRUE(await([&] {
    (void)client.get("/v1/endpoints/remote_scan");
    return service_failed.load();
  })) << "new credentials are asked for";
  expect_unavailable();
  services_.server().choose_faults({});
  ASSERT_EQ(server.stop(), 0);
  expect_no_secret(said + server.log());
}

}  // namespace
}  // namespace offloader::app
