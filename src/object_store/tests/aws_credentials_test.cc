#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "offloader/credentials/testing/fake_credential_services.h"
#include "offloader/credentials/testing/manual_clock.h"
#include "offloader/object_store/testing/fake_s3.h"
#include "store_fixture.h"

namespace offloader::object_store {
namespace {

namespace fs = std::filesystem;
using std::chrono::minutes;
using ::testing::HasSubstr;
using ::testing::Not;

class AwsCredentialsTest : public ::testing::Test {
 protected:
  AwsCredentialsTest() {
    std::string name = ::testing::TempDir() + "offloader-aws-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    contents_.put("lake", "a", "bytes");
    options_.s3.endpoint = s3_.endpoint();
    options_.clock = &clock_;
    fs::create_directories(folder_ / ".aws");
    environment_["HOME"] = folder_.string();
    environment_["AWS_EC2_METADATA_DISABLED"] = "true";
  }
  ~AwsCredentialsTest() override { fs::remove_all(folder_); }

  ObjectStore& store() {
    if (!store_) {
      options_.environment = environment_of(environment_);
      store_ = make_object_store(options_, *telemetry_);
    }
    return *store_;
  }
  Result<std::string> get() { return store().get("s3://lake/a", 100, {}); }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

  // Sets up every provider of the chain, each with its own keys.
  void set_up_all() {
    for (const char* id : {"AKSETTINGS", "AKENV", "AKPROFILE"})
      book_.add_keys(id, std::string("secret-of-") + id);
    environment_["AWS_ACCESS_KEY_ID"] = "AKENV";
    environment_["AWS_SECRET_ACCESS_KEY"] = "secret-of-AKENV";
    write(".aws/credentials",
          "[default]\naws_access_key_id = AKPROFILE\naws_secret_access_key=secret-of-AKPROFILE\n");
    write("token", std::string(credentials::testing::FakeCredentialServices::kWebIdentityToken) + "\n");
    environment_["AWS_WEB_IDENTITY_TOKEN_FILE"] = (folder_ / "token").string();
    environment_["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/r";
    environment_["AWS_ENDPOINT_URL_STS"] = services_.sts_url();
    environment_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = services_.container_url();
    environment_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] =
        credentials::testing::FakeCredentialServices::kContainerToken;
    environment_.erase("AWS_EC2_METADATA_DISABLED");
    environment_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = services_.url() + "/";
  }
  std::string last_service() const {
    const auto seen = services_.server().seen();
    return seen.empty() ? "" : seen.back().path;
  }

  credentials::testing::ManualClock clock_;
  fs::path folder_;
  testing::BucketContents contents_;
  credentials::testing::CredentialBook book_{clock_};
  testing::FakeS3 s3_{contents_, book_};
  mutable credentials::testing::FakeCredentialServices services_{book_};
  std::map<std::string, std::string> environment_;
  StoreOptions options_ = test_options();
  std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  std::shared_ptr<ObjectStore> store_;
};

TEST_F(AwsCredentialsTest, Chain_ProvidersRemovedOneByOne_UsesTheNext) {
  set_up_all();
  // Remove one provider after the other; the credential services' log shows which one was asked.
  const auto fresh = [&] {
    store_.reset();
    services_.server().clear_log();
    const auto got = get();
    EXPECT_THAT(got, Succeeds());
    return last_service();
  };
  options_.s3.key_id = "AKSETTINGS";
  options_.s3.secret = "secret-of-AKSETTINGS";
  EXPECT_EQ(fresh(), "");
  options_.s3.key_id.clear();
  options_.s3.secret.clear();
  EXPECT_EQ(fresh(), "");
  environment_["AWS_SECRET_ACCESS_KEY"] = "wrong";  // proves that this provider is used
  store_.reset();
  EXPECT_THAT(get(), FailsWith(ErrorCode::unauthorized));
  environment_.erase("AWS_ACCESS_KEY_ID");
  EXPECT_EQ(fresh(), "");
  write(".aws/credentials", "[default]\naws_access_key_id = AKPROFILE\naws_secret_access_key=wrong\n");
  store_.reset();
  EXPECT_THAT(get(), FailsWith(ErrorCode::unauthorized));
  write(".aws/credentials", "");
  EXPECT_EQ(fresh(), "/");
  environment_.erase("AWS_WEB_IDENTITY_TOKEN_FILE");
  EXPECT_EQ(fresh(), "/ecs");
  environment_.erase("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  EXPECT_EQ(fresh(), "/latest/meta-data/iam/security-credentials/offloader%20role");
}

TEST_F(AwsCredentialsTest, Chain_AuthIsChain_IgnoresKeysOfTheSettings) {
  set_up_all();
  options_.s3.auth = "chain";
  options_.s3.key_id = "AKSETTINGS";
  options_.s3.secret = "wrong";
  EXPECT_THAT(get(), Succeeds());
}

TEST_F(AwsCredentialsTest, Profile_NamedInConfigFile_IsUsed) {
  book_.add_keys("AKWORK", "secret-of-work", "token-of-work");
  write(".aws/credentials", "[default]\naws_access_key_id=no\naws_secret_access_key=no\n");
  write(".aws/config",
        "# comment\n[profile work]\nregion = x\naws_access_key_id = AKWORK\naws_secret_access_key = "
        "secret-of-work\n"
        "aws_session_token = token-of-work\n");
  environment_["AWS_PROFILE"] = "work";
  EXPECT_THAT(get(), Succeeds());
}

TEST_F(AwsCredentialsTest, Container_TokenFromFile_IsNotSentToPublicHttp) {
  write("authorization", std::string(credentials::testing::FakeCredentialServices::kContainerToken) + "\n");
  environment_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = services_.container_url();
  environment_["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = (folder_ / "authorization").string();
  EXPECT_THAT(get(), Succeeds());
  store_.reset();
  environment_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://credentials.example.com/ecs";
  EXPECT_THAT(get(), FailsWith(ErrorCode::invalid_config));
}

TEST_F(AwsCredentialsTest, Chain_NoCredentials_ReadsAnonymously) {
  testing::FakeS3 open(contents_, book_, {.anonymous = true});
  options_.s3.endpoint = open.endpoint();
  EXPECT_THAT(get(), Succeeds());
}

TEST_F(AwsCredentialsTest, Chain_RequiredButEmpty_IsUnauthorized) {
  testing::FakeS3 open(contents_, book_, {.anonymous = true});
  options_.s3.endpoint = open.endpoint();
  options_.s3.auth = "chain";
  EXPECT_THAT(get(), FailsWith(ErrorCode::unauthorized));
  EXPECT_EQ(open.server().count(), 0U);
}

TEST_F(AwsCredentialsTest, Chain_ConfiguredProviderFails_Ends) {
  set_up_all();
  environment_.erase("AWS_ACCESS_KEY_ID");
  write(".aws/credentials", "");
  write("token", "another-token");
  const auto got = get();
  ASSERT_THAT(got, FailsWith(ErrorCode::unauthorized));
  EXPECT_THAT(told(got.error()), HasSubstr("STS"));
  EXPECT_THAT(told(got.error()), Not(HasSubstr("another-token")));
  EXPECT_EQ(services_.server().count("", "/ecs"), 0U);
}

TEST_F(AwsCredentialsTest, Keys_FiveMinutesBeforeExpiry_AreRenewed) {
  set_up_all();
  options_.s3.auth = "chain";
  environment_.erase("AWS_ACCESS_KEY_ID");
  write(".aws/credentials", "");
  services_.set_lifetime(minutes(60));
  ASSERT_THAT(get(), Succeeds());
  clock_.advance(minutes(54));
  ASSERT_THAT(get(), Succeeds());
  EXPECT_EQ(book_.issued(), 1U);
  clock_.advance(minutes(2));
  ASSERT_THAT(get(), Succeeds());
  EXPECT_EQ(book_.issued(), 2U);
  // No request was refused, so the store never saw expired keys.
  EXPECT_EQ(s3_.server().count(), 3U);
}

TEST_F(AwsCredentialsTest, Keys_ServiceUnavailable_AreUsedUntilTheyExpire) {
  set_up_all();
  environment_.erase("AWS_ACCESS_KEY_ID");
  write(".aws/credentials", "");
  ASSERT_THAT(get(), Succeeds());
  services_.server().inject({.times = -1, .fault = transport::testing::status_fault(500)});
  clock_.advance(minutes(58));
  EXPECT_THAT(get(), Succeeds());
  clock_.advance(minutes(3));
  EXPECT_THAT(get(), FailsWith(ErrorCode::unavailable));
  services_.server().clear_faults();
  EXPECT_THAT(get(), Succeeds());
}

TEST_F(AwsCredentialsTest, Keys_Refused_AreRenewedAndTheRequestRepeated) {
  set_up_all();
  environment_.erase("AWS_ACCESS_KEY_ID");
  write(".aws/credentials", "");
  ASSERT_THAT(get(), Succeeds());
  book_.expire_issued();  // the store answers 400 ExpiredToken
  EXPECT_THAT(get(), Succeeds());
  EXPECT_EQ(book_.issued(), 2U);
  book_.expire_issued();
  EXPECT_THAT(store().stat("s3://lake/a", {}), Succeeds());  // a HEAD, whose answer has no body with the code
  EXPECT_EQ(book_.issued(), 3U);
}

TEST_F(AwsCredentialsTest, Keys_RefusedAfterRenewal_FailsWithoutRetry) {
  set_up_all();
  environment_.erase("AWS_ACCESS_KEY_ID");
  write(".aws/credentials", "");
  s3_.server().inject({.times = -1, .fault = transport::testing::status_fault(403)});
  EXPECT_THAT(get(), FailsWith(ErrorCode::unauthorized));
  EXPECT_EQ(s3_.server().count(), 2U);
}

TEST_F(AwsCredentialsTest, Instance_NoMetadataServer_IsSkippedQuickly) {
  environment_.erase("AWS_EC2_METADATA_DISABLED");
  environment_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:1";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(
      get(), FailsWith(ErrorCode::unauthorized));  // falls back to anonymous access, which this store refuses
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

}  // namespace
}  // namespace offloader::object_store
