// How the stores behave under faults and expiring credentials. Short by default; OFFLOADER_SOAK=1 runs it in
// full.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <thread>

#include "offloader/credentials/testing/fake_credential_services.h"
#include "offloader/object_store/testing/fake_gcs.h"
#include "offloader/object_store/testing/fake_s3.h"
#include "store_fixture.h"

namespace offloader::object_store {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

bool soak() {
  const char* const set = std::getenv("OFFLOADER_SOAK");
  return set != nullptr && *set != '\0' && *set != '0';
}

// Collects all output of a run: the log at debug level, the metrics and every error.
class AllOutput {
 public:
  AllOutput() {
    std::string name = ::testing::TempDir() + "offloader-output-XXXXXX";
    fd_ = ::mkstemp(name.data());
    path_ = name;
    telemetry_ = *telemetry::make_telemetry(
        {.level = telemetry::Level::debug, .format = telemetry::LogFormat::json, .log_fd = fd_});
  }
  ~AllOutput() {
    telemetry_.reset();
    ::close(fd_);
    fs::remove(path_);
  }
  AllOutput(const AllOutput&) = delete;
  AllOutput& operator=(const AllOutput&) = delete;

  telemetry::Telemetry& telemetry() { return *telemetry_; }
  void add(const Error& error) {
    const std::lock_guard lock(errors_mutex_);
    errors_ += told(error) + "\n";
  }
  std::string text() {
    telemetry_->log().flush();
    std::ifstream file(path_);
    const std::lock_guard lock(errors_mutex_);
    return std::string(std::istreambuf_iterator<char>(file), {}) + errors_ +
           telemetry_->metrics().exposition();
  }

 private:
  int fd_ = -1;
  std::string path_;
  std::mutex errors_mutex_;
  std::string errors_;
  std::unique_ptr<telemetry::Telemetry> telemetry_;
};

void expect_no_secret(const std::string& text, const std::vector<std::string>& secrets) {
  EXPECT_FALSE(text.empty());
  for (const std::string& secret : secrets) {
    EXPECT_EQ(text.find(secret), std::string::npos) << "a secret is in: " << text.substr(0, 2000);
  }
}

class SteadyReadsTest : public ::testing::Test {
 protected:
  SteadyReadsTest() {
    services_.set_lifetime(seconds(2));
    environment_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = services_.container_url();
    environment_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] =
        credentials::testing::FakeCredentialServices::kContainerToken;
    environment_["AWS_EC2_METADATA_DISABLED"] = "true";
    environment_["GCE_METADATA_HOST"] = services_.metadata_host();
    options_.environment = environment_of(environment_);
    options_.s3.endpoint = s3_.endpoint();
    options_.gcs.endpoint = gcs_.endpoint();
    contents_.put("lake", "a", bytes_);
  }

  std::vector<std::string> secrets() const {
    std::vector<std::string> out = book_.secrets();
    out.emplace_back(credentials::testing::FakeCredentialServices::kContainerToken);
    return out;
  }

  const std::string bytes_ = some_bytes(1 << 20, 51);
  testing::BucketContents contents_;
  credentials::testing::CredentialBook book_;
  testing::FakeS3 s3_{contents_, book_};
  testing::FakeGcs gcs_{contents_, book_};
  credentials::testing::FakeCredentialServices services_{book_};
  std::map<std::string, std::string> environment_;
  StoreOptions options_ = test_options();
  AllOutput output_;
};

TEST_F(SteadyReadsTest, Read_CredentialsExpireEveryFewSeconds_NeverFailsNorLeaks) {
  // Long enough for a request that is delayed on a busy machine: if its credentials expire on the way, it is
  // repeated only once.
  if (!soak()) services_.set_lifetime(seconds(6));
  const auto store = make_object_store(options_, output_.telemetry());
  const auto until = steady_clock::now() + (soak() ? seconds(60) : seconds(8));
  std::atomic<std::size_t> reads{0};
  std::atomic<std::size_t> failed{0};
  std::vector<std::thread> readers;
  for (const char* url : {"s3://lake/a", "s3://lake/a", "gs://lake/a", "gs://lake/a"}) {
    readers.emplace_back([&, url] {
      std::string part(4096, '\0');
      for (std::size_t i = 0; steady_clock::now() < until; ++i) {
        const std::uint64_t offset = i * 4096 % (bytes_.size() - part.size());
        const auto read = store->read(url, {offset, part.size()}, part.data(), "", {});
        if (!read) output_.add(read.error());
        if (!read || part != bytes_.substr(offset, part.size())) ++failed;
        ++reads;
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  std::printf("%zu reads, %zu failed, %zu credentials issued\n", reads.load(), failed.load(), book_.issued());
  EXPECT_EQ(failed, 0U);
  EXPECT_GT(reads, 20U);
  EXPECT_GE(book_.issued(), soak() ? 40U : 4U);
  expect_no_secret(output_.text(), secrets());
}

// Returns a random fault for about two requests in five.
std::optional<transport::testing::Fault> random_fault(std::minstd_rand& random) {
  const auto below = [&](int count) { return std::uniform_int_distribution<int>(0, count - 1)(random); };
  transport::testing::Fault fault;
  switch (below(25)) {
    case 0:
      return transport::testing::status_fault(503, "0");
    case 1:
      return transport::testing::status_fault(429);
    case 2:
      return transport::testing::status_fault(500);
    case 3:
      fault.reset_after = static_cast<std::uint64_t>(below(200000));
      return fault;
    case 4:
      fault.close_after = static_cast<std::uint64_t>(below(200000));
      return fault;
    case 5:
      fault.shorten_to = static_cast<std::uint64_t>(below(200000));
      return fault;
    case 6:
      fault.drop = true;
      return fault;
    case 7:
      fault.delay = milliseconds(below(100));
      return fault;
    case 8:
      return transport::testing::status_fault(403);
    case 9:
      return transport::testing::status_fault(401);
    case 10:
      fault.hang = below(20) == 0;
      return fault;
    default:
      return std::nullopt;
  }
}

TEST_F(SteadyReadsTest, ReadMany_RandomFaults_ReturnsRightBytesOrCleanError) {
  const char* const given = std::getenv("OFFLOADER_FAULT_SEED");
  const std::uint32_t seed = given != nullptr ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10))
                                              : std::random_device{}();
  std::printf("OFFLOADER_FAULT_SEED=%u\n", seed);
  std::mutex random_mutex;
  std::minstd_rand random(seed);
  const auto choose = [&](const transport::testing::Request&) {
    const std::lock_guard lock(random_mutex);
    return random_fault(random);
  };
  s3_.server().choose_faults(choose);
  gcs_.server().choose_faults(choose);
  options_.retry.first_pause = milliseconds(1);
  const auto store = make_object_store(options_, output_.telemetry());
  const auto until = steady_clock::now() + (soak() ? seconds(120) : seconds(4));
  std::atomic<std::size_t> right{0};
  std::atomic<std::size_t> refused{0};
  std::atomic<std::size_t> wrong{0};
  std::vector<std::thread> readers;
  for (std::uint32_t reader = 0; reader < 4; ++reader) {
    readers.emplace_back([&, reader] {
      std::minstd_rand mine(seed + reader + 1);
      const std::string url = reader % 2 == 0 ? "s3://lake/a" : "gs://lake/a";
      while (steady_clock::now() < until) {
        const auto somewhere = [&] {
          const std::uint64_t length = std::uniform_int_distribution<std::uint64_t>(1, 300000)(mine);
          return ByteRange{std::uniform_int_distribution<std::uint64_t>(0, bytes_.size() - length)(mine),
                           length};
        };
        const ByteRange first = somewhere(), second = somewhere();
        std::string a(first.length, '\0'), b(second.length, '\0');
        const auto read = store->read_many(url, {{first, a.data()}, {second, b.data()}}, "",
                                           {.deadline = milliseconds(2000)});
        if (!read) {
          output_.add(read.error());
          const ErrorCode code = read.error().code;
          const bool clean =
              code == ErrorCode::unavailable || code == ErrorCode::timeout || code == ErrorCode::unauthorized;
          ++(clean ? refused : wrong);
        } else {
          const bool same = a == bytes_.substr(first.offset, first.length) &&
                            b == bytes_.substr(second.offset, second.length);
          ++(same ? right : wrong);
        }
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  std::printf("%zu right, %zu clean errors, %zu wrong\n", right.load(), refused.load(), wrong.load());
  EXPECT_EQ(wrong, 0U);
  EXPECT_GT(right, 0U);
  expect_no_secret(output_.text(), secrets());
  // Reads succeed again as soon as the faults end.
  s3_.server().clear_faults();
  gcs_.server().clear_faults();
  services_.set_lifetime(std::chrono::minutes(5));  // renewed credentials do not expire on the way
  for (const char* url : {"s3://lake/a", "gs://lake/a"}) {
    const auto got = store->get(url, 2 << 20, {});
    ASSERT_THAT(got, Succeeds());
    EXPECT_EQ(*got, bytes_);
  }
}

}  // namespace
}  // namespace offloader::object_store
