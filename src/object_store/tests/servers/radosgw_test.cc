// Tests against Ceph's radosgw from Debian, an S3 server that verifies signatures. dev/scripts/radosgw.sh
// starts it.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "../store_fixture.h"
#include "offloader/credentials/command_output.h"
#include "offloader/transport/url_encoding.h"

namespace offloader::object_store {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

std::optional<std::string> run(const std::vector<std::string>& argv, int seconds = 30) {
  return credentials::command_output(
      argv, {std::chrono::steady_clock::now() + std::chrono::seconds(seconds), nullptr});
}

class RadosgwTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string name = "/tmp/offloader-rgw-XXXXXX";
    folder() = ::mkdtemp(name.data());
    const auto told_lines = run({script(), "start", folder() + "/ceph"}, 420);
    ASSERT_TRUE(told_lines) << "radosgw did not start; its packages: dev/scripts/setup.sh --tools stores";
    std::istringstream lines(*told_lines);
    for (std::string line; std::getline(lines, line);) {
      const std::size_t equals = line.find('=');
      if (equals != std::string::npos) server()[line.substr(0, equals)] = line.substr(equals + 1);
    }
    ASSERT_FALSE(server()["endpoint"].empty());
    ASSERT_TRUE(put("/lake", ""));
  }
  static void TearDownTestSuite() {
    static_cast<void>(run({script(), "stop", folder() + "/ceph"}, 60));
    fs::remove_all(folder());
  }

  static std::string script() { return std::string(OFFLOADER_SOURCE_DIR) + "/dev/scripts/radosgw.sh"; }
  static std::string& folder() {
    static std::string it;
    return it;
  }
  static std::map<std::string, std::string>& server() {
    static std::map<std::string, std::string> it;
    return it;
  }

  // Writes with curl's own signer, because the store under test is read-only.
  static std::optional<std::string> curl(std::vector<std::string> more, const std::string& service) {
    std::vector<std::string> argv = {"/usr/bin/curl",
                                     "-s",
                                     "-f",
                                     "--path-as-is",
                                     "--max-time",
                                     "30",
                                     "--aws-sigv4",
                                     "aws:amz:us-east-1:" + service,
                                     "--user",
                                     server()["key_id"] + ":" + server()["secret"]};
    argv.insert(argv.end(), more.begin(), more.end());
    return run(argv, 40);
  }
  static bool put(const std::string& path, const std::string& bytes) {
    std::ofstream(folder() + "/body", std::ios::binary) << bytes;
    return curl({"-H", "x-amz-content-sha256:UNSIGNED-PAYLOAD", "-T", folder() + "/body",
                 server()["endpoint"] + path},
                "s3")
        .has_value();
  }
  static bool put_object(const std::string& key, const std::string& bytes) {
    return put("/lake/" + transport::encode_path(key), bytes);
  }

  ObjectStore& store() {
    if (!store_) {
      options_.s3.endpoint = server()["endpoint"];
      if (options_.s3.key_id.empty()) {
        options_.s3.key_id = server()["key_id"];
        options_.s3.secret = server()["secret"];
      }
      store_ = make_object_store(options_, *telemetry_);
    }
    return *store_;
  }

  StoreOptions options_ = test_options();
  std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  std::shared_ptr<ObjectStore> store_;
};

TEST_F(RadosgwTest, ReadMany_TagOfStatOrListing_DetectsReplacement) {
  const std::string bytes = some_bytes(3 << 20, 31);
  ASSERT_TRUE(put_object("data/part.parquet", bytes));
  const auto info = store().stat("s3://lake/data/part.parquet", {});
  ASSERT_THAT(info, Succeeds());
  EXPECT_EQ(info->size, bytes.size());
  const auto listed = store().list("s3://lake/data/", 10, {});
  ASSERT_THAT(listed, Succeeds());
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().tag, info->tag);
  EXPECT_EQ(listed->front().size, info->size);
  std::string first(1000, '\0'), second(1 << 20, '\0');
  ASSERT_THAT(
      store().read_many("s3://lake/data/part.parquet",
                        {{{17, first.size()}, first.data()}, {{2 << 20, second.size()}, second.data()}},
                        info->tag, {}),
      Succeeds());
  EXPECT_EQ(first, bytes.substr(17, first.size()));
  EXPECT_EQ(second, bytes.substr(2 << 20, second.size()));
  EXPECT_EQ(*store().get("s3://lake/data/part.parquet", 4 << 20, {}), bytes);
  ASSERT_TRUE(put_object("data/part.parquet", some_bytes(3 << 20, 32)));
  EXPECT_THAT(store().read("s3://lake/data/part.parquet", {17, 1000}, first.data(), info->tag, {}),
              FailsWith(ErrorCode::changed));
}

TEST_F(RadosgwTest, Get_UnusualKeys_AreReadAndListed) {
  const std::vector<std::string> keys = {"odd/a b",  "odd/a+b",   "odd/a%20b",   "odd/ünïcode/日本",
                                         "odd/x//y", "odd/q?r#s", "odd/amp&eq=", "odd/tilde~*()!'"};
  std::vector<std::string> urls;
  for (const std::string& key : keys) {
    ASSERT_TRUE(put_object(key, "bytes of " + key)) << key;
    const auto got = store().get("s3://lake/" + key, 1000, {});
    ASSERT_THAT(got, Succeeds()) << key;
    EXPECT_EQ(*got, "bytes of " + key);
    EXPECT_THAT(store().stat("s3://lake/" + key, {}), Succeeds()) << key;
    urls.push_back("s3://lake/" + key);
  }
  std::sort(urls.begin(), urls.end());
  const auto listed = store().list("s3://lake/odd/", 100, {});
  ASSERT_THAT(listed, Succeeds());
  std::vector<std::string> found;
  for (const ObjectInfo& info : *listed) found.push_back(info.url);
  EXPECT_EQ(found, urls);
  // Our URLs cannot name this key, although radosgw accepts it.
  ASSERT_TRUE(put_object("odd/x/../y", "another's"));
  EXPECT_THAT(store().get("s3://lake/odd/x/../y", 1000, {}), FailsWith(ErrorCode::invalid_config));
}

TEST_F(RadosgwTest, Get_TemporaryKeys_NeedTheirSessionToken) {
  ASSERT_TRUE(put_object("session", "for the role"));
  const auto xml = curl({"-X", "POST", server()["endpoint"] + "/", "-d",
                         transport::encode_query({{"Action", "AssumeRole"},
                                                  {"RoleArn", server()["role"]},
                                                  {"RoleSessionName", "session1"},
                                                  {"Version", "2011-06-15"}})},
                        "sts");
  ASSERT_TRUE(xml);
  const auto between = [&](const std::string& name) {
    const std::size_t from = xml->find("<" + name + ">") + name.size() + 2;
    return xml->substr(from, xml->find("</" + name + ">") - from);
  };
  options_.s3.key_id = between("AccessKeyId");
  options_.s3.secret = between("SecretAccessKey");
  options_.s3.session_token = between("SessionToken");
  const auto got = store().get("s3://lake/session", 100, {});
  ASSERT_THAT(got, Succeeds());
  EXPECT_EQ(*got, "for the role");
  EXPECT_THAT(store().list("s3://lake/session", 10, {}), Succeeds());
  store_.reset();
  options_.s3.session_token.pop_back();
  options_.s3.session_token.pop_back();
  options_.s3.session_token.pop_back();
  EXPECT_FALSE(store().get("s3://lake/session", 100, {}).has_value());
}

TEST_F(RadosgwTest, Get_WrongKeysOrMissingObject_FailsWithThatCode) {
  EXPECT_THAT(store().get("s3://lake/none", 10, {}), FailsWith(ErrorCode::not_found));
  EXPECT_THAT(store().stat("s3://lake/none", {}), FailsWith(ErrorCode::not_found));
  EXPECT_THAT(store().list("s3://nolake/", 10, {}), FailsWith(ErrorCode::not_found));
  store_.reset();
  options_.s3.secret = "another/secret";
  const auto refused = store().get("s3://lake/none", 10, {});
  ASSERT_THAT(refused, FailsWith(ErrorCode::unauthorized));
  EXPECT_THAT(told(refused.error()), HasSubstr("HTTP 403"));
  EXPECT_THAT(told(refused.error()), Not(HasSubstr("another/secret")));
}

}  // namespace
}  // namespace offloader::object_store
