#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "offloader/credentials/testing/fake_credential_services.h"
#include "offloader/credentials/testing/manual_clock.h"
#include "offloader/object_store/testing/fake_gcs.h"
#include "offloader/transport/url_encoding.h"
#include "store_fixture.h"

namespace offloader::object_store {
namespace {

namespace fs = std::filesystem;
using std::chrono::minutes;
using ::testing::HasSubstr;
using ::testing::Not;

std::string rsa_key() {
  EVP_PKEY* const key = EVP_RSA_gen(2048);
  BIO* const out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* bytes = nullptr;
  const long length = BIO_get_mem_data(out, &bytes);
  std::string pem(bytes, static_cast<std::size_t>(length));
  BIO_free(out);
  EVP_PKEY_free(key);
  return pem;
}

std::string from_base64url(std::string text) {
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string out(text.size(), '\0');
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  out.resize(length < 0 ? 0 : static_cast<std::size_t>(length) - padding);
  return out;
}

bool verifies(const std::string& pem, const std::string& text, const std::string& signature) {
  BIO* const in = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
  EVP_MD_CTX* const digest = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(digest, nullptr, EVP_sha256(), nullptr, key);
  const bool sound =
      EVP_DigestVerify(digest, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  EVP_MD_CTX_free(digest);
  EVP_PKEY_free(key);
  BIO_free(in);
  return sound;
}

class GcsStoreTest : public ::testing::Test {
 protected:
  GcsStoreTest() {
    std::string name = ::testing::TempDir() + "offloader-gcs-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    contents_.put("lake", "a", "bytes");
    options_.gcs.endpoint = gcs_.endpoint();
    options_.clock = &clock_;
    environment_["HOME"] = folder_.string();
    environment_["GCE_METADATA_HOST"] = "127.0.0.1:1";
    environment_["AWS_EC2_METADATA_DISABLED"] = "true";
  }
  ~GcsStoreTest() override { fs::remove_all(folder_); }

  ObjectStore& store() {
    if (!store_) {
      options_.environment = environment_of(environment_);
      store_ = make_object_store(options_, *telemetry_);
    }
    return *store_;
  }
  Result<std::string> get() { return store().get("gs://lake/a", 100, {}); }
  void write(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  void write_command(const std::string& name, const std::string& script) {
    write(name, "#!/bin/sh\n" + script);
    fs::permissions(folder_ / name, fs::perms::owner_all);
  }
  // Installs a fake gcloud that prints a token valid for 60 minutes.
  void write_gcloud() {
    const auto token = book_.issue_token(minutes(60));
    write_command("bin/gcloud", "echo \"$*\" > " + (folder_ / "asked").string() +
                                    "\necho '{\"configuration\":{},\"credential\":{\"access_token\":\"" +
                                    token.token +
                                    "\",\"id_token\":\"x\",\"token_expiry\":\"2099-01-01T00:00:00Z\"}}'\n");
    environment_["PATH"] = "/nowhere::" + (folder_ / "bin").string();
    options_.gcs.gcloud_command = "gcloud";
  }
  void write_user(const std::string& name) {
    write(name, nlohmann::json{{"type", "authorized_user"},
                               {"client_id", "id.apps"},
                               {"client_secret", "client-secret-of-user"},
                               {"refresh_token", "1//refresh-token-of-user"},
                               {"token_uri", services_.oauth_url()}}
                    .dump());
  }

  credentials::testing::ManualClock clock_;
  fs::path folder_;
  testing::BucketContents contents_;
  credentials::testing::CredentialBook book_{clock_};
  testing::FakeGcs gcs_{contents_, book_};
  credentials::testing::FakeCredentialServices services_{book_};
  std::map<std::string, std::string> environment_;
  StoreOptions options_ = test_options();
  std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  std::shared_ptr<ObjectStore> store_;
};

TEST_F(GcsStoreTest, JsonApi_UnusualKeys_AreReadAndListedUnchanged) {
  options_.gcs.token = book_.add_token("fixed-token-of-test").token;
  const std::vector<std::string> keys = {"a b",         "a+b",  "a%20b", "ünïcode/日本",
                                         "back\\slash", "x//y", "q?r#s", "deep/er/key"};
  for (const std::string& key : keys) contents_.put("odd", key, "bytes of " + key);
  for (const std::string& key : keys) {
    const auto got = store().get("gs://odd/" + key, 100, {});
    ASSERT_THAT(got, Succeeds()) << key;
    EXPECT_EQ(*got, "bytes of " + key);
    const auto info = store().stat("gcs://odd/" + key, {});
    ASSERT_THAT(info, Succeeds());
    EXPECT_EQ(info->url, "gs://odd/" + key);
    std::string part(5, '\0');
    ASSERT_THAT(store().read("gs://odd/" + key, {6, 2}, part.data(), info->tag, {}), Succeeds());
    EXPECT_EQ(part.substr(0, 2), "of");
  }
  const auto listed = store().list("gs://odd/", 100, {});
  ASSERT_THAT(listed, Succeeds());
  EXPECT_EQ(listed->size(), keys.size());
  EXPECT_EQ(listed->front().tag, store().stat(listed->front().url, {})->tag);
  EXPECT_THAT(store().get("gs://lake/none", 10, {}), FailsWith(ErrorCode::not_found));
}

TEST_F(GcsStoreTest, List_2500Keys_ReadsAllPages) {
  options_.gcs.token = book_.add_token("fixed-token-of-test").token;
  for (int i = 0; i < 2500; ++i) contents_.put("many", "p " + std::to_string(i), "x");
  const auto listed = store().list("gs://many/p", 2500, {});
  ASSERT_THAT(listed, Succeeds());
  EXPECT_EQ(listed->size(), 2500U);
  EXPECT_EQ(gcs_.server().count(), 3U);
  EXPECT_THAT(store().list("gs://many/p", 2499, {}), FailsWith(ErrorCode::too_large));
}

TEST_F(GcsStoreTest, Read_ObjectReplaced_IsChanged) {
  options_.gcs.token = book_.add_token("fixed-token-of-test").token;
  const auto info = store().stat("gs://lake/a", {});
  contents_.put("lake", "a", "bytes");  // the same bytes, but another generation
  std::string part(2, '\0');
  EXPECT_THAT(store().read("gs://lake/a", {0, 2}, part.data(), info->tag, {}), FailsWith(ErrorCode::changed));
}

TEST_F(GcsStoreTest, Chain_ProvidersRemovedOneByOne_UsesTheNext) {
  write_gcloud();
  write_user(".config/gcloud/application_default_credentials.json");
  environment_["GCE_METADATA_HOST"] = services_.metadata_host();
  options_.gcs.token = book_.add_token("fixed-token-of-test").token;
  ASSERT_THAT(get(), Succeeds());
  EXPECT_EQ(services_.server().count(), 0U);
  store_.reset();
  options_.gcs.token.clear();
  ASSERT_THAT(get(), Succeeds());
  EXPECT_EQ(services_.server().count("POST", "/oauth/token"), 1U);
  store_.reset();
  fs::remove_all(folder_ / ".config");
  ASSERT_THAT(get(), Succeeds());
  EXPECT_EQ(services_.server().count("GET", "/computeMetadata/"), 1U);
  EXPECT_FALSE(fs::exists(folder_ / "asked"));
  store_.reset();
  environment_["GCE_METADATA_HOST"] = "127.0.0.1:1";
  ASSERT_THAT(get(), Succeeds());
  std::ifstream asked(folder_ / "asked");
  std::string words;
  std::getline(asked, words);
  EXPECT_EQ(words, "config config-helper --format=json");
}

TEST_F(GcsStoreTest, ServiceAccount_Configured_SignsAnAssertion) {
  const std::string key = rsa_key();
  write("account.json", nlohmann::json{{"type", "service_account"},
                                       {"client_email", "reader@project.iam.gserviceaccount.com"},
                                       {"private_key_id", "key-1"},
                                       {"private_key", key},
                                       {"token_uri", services_.oauth_url()}}
                            .dump());
  environment_["GOOGLE_APPLICATION_CREDENTIALS"] = (folder_ / "account.json").string();
  ASSERT_THAT(get(), Succeeds());
  const std::string body = services_.server().seen().front().body;
  const std::size_t at = body.find("assertion=") + 10;
  const std::string jwt = *transport::decode(body.substr(at, body.find('&', at) - at), true);
  const std::size_t first = jwt.find('.');
  const std::size_t second = jwt.rfind('.');
  EXPECT_TRUE(verifies(key, jwt.substr(0, second), from_base64url(jwt.substr(second + 1))));
  EXPECT_EQ(nlohmann::json::parse(from_base64url(jwt.substr(0, first)))["kid"], "key-1");
  const auto claims = nlohmann::json::parse(from_base64url(jwt.substr(first + 1, second - first - 1)));
  EXPECT_EQ(claims["iss"], "reader@project.iam.gserviceaccount.com");
  EXPECT_EQ(claims["aud"], services_.oauth_url());
  EXPECT_EQ(claims["scope"], "https://www.googleapis.com/auth/devstorage.read_only");
  EXPECT_EQ(claims["exp"].get<std::int64_t>() - claims["iat"].get<std::int64_t>(), 3600);
}

TEST_F(GcsStoreTest, Chain_InvalidCredentialsFile_EndsWithoutLeakingIt) {
  environment_["GCE_METADATA_HOST"] = services_.metadata_host();
  environment_["GOOGLE_APPLICATION_CREDENTIALS"] = (folder_ / "c.json").string();
  EXPECT_THAT(get(), FailsWith(ErrorCode::unauthorized));  // not there
  for (const std::string& text :
       {std::string("{"), std::string(R"({"type":"external_account","secret":"hunter2"})"),
        std::string(R"({"type":"service_account","client_email":"x","private_key":"-----BEGIN hunter2"})")}) {
    store_.reset();
    write("c.json", text);
    const auto got = get();
    ASSERT_THAT(got, FailsWith(ErrorCode::unauthorized)) << text;
    EXPECT_THAT(told(got.error()), Not(HasSubstr("hunter2")));
  }
  EXPECT_EQ(services_.server().count(), 0U);
}

TEST_F(GcsStoreTest, Token_NearExpiryOrRefused_IsRenewedOnce) {
  environment_["GCE_METADATA_HOST"] = services_.metadata_host();
  services_.set_lifetime(minutes(60));
  ASSERT_THAT(get(), Succeeds());
  clock_.advance(minutes(54));
  ASSERT_THAT(get(), Succeeds());
  EXPECT_EQ(book_.issued(), 1U);
  clock_.advance(minutes(2));
  ASSERT_THAT(get(), Succeeds());
  EXPECT_EQ(book_.issued(), 2U);
  book_.expire_issued();
  ASSERT_THAT(get(), Succeeds());
  EXPECT_EQ(book_.issued(), 3U);
  gcs_.server().clear_log();
  gcs_.server().inject({.times = -1, .fault = transport::testing::status_fault(401)});
  EXPECT_THAT(get(), FailsWith(ErrorCode::unauthorized));
  EXPECT_EQ(gcs_.server().count(), 2U);
}

TEST_F(GcsStoreTest, HmacKeys_Configured_UseTheXmlApiDespiteBearer) {
  const auto keys = book_.add_keys("GOOG1EXAMPLE", "hmac/secret+of=test");
  options_.s3.type = "gcs";
  options_.s3.key_id = keys.key_id;
  options_.s3.secret = keys.secret;
  options_.gcs.auth = "bearer";
  options_.gcs.token = "not-to-be-used";
  for (const char* key : {"a b", "ünïcode", "x//y"}) contents_.put("hmac", key, "hmac bytes");
  const auto got = store().get("gs://hmac/a b", 100, {});
  ASSERT_THAT(got, Succeeds());
  EXPECT_EQ(*got, "hmac bytes");
  const auto listed = store().list("gs://hmac/", 10, {});
  ASSERT_THAT(listed, Succeeds());
  ASSERT_EQ(listed->size(), 3U);
  EXPECT_EQ(listed->front().tag, store().stat(listed->front().url, {})->tag);
  std::string part(4, '\0');
  ASSERT_THAT(store().read("gs://hmac/a b", {0, 4}, part.data(), listed->front().tag, {}), Succeeds());
  contents_.put("hmac", "a b", "other bytes");
  EXPECT_THAT(store().read("gs://hmac/a b", {0, 4}, part.data(), listed->front().tag, {}),
              FailsWith(ErrorCode::changed));
}

TEST_F(GcsStoreTest, Auth_NoneAnonymousOrPublic_SendsNoCredentials) {
  testing::FakeGcs open(contents_, book_, {.anonymous = true});
  options_.gcs.endpoint = open.endpoint();
  options_.gcs.token = "not-to-be-used";
  for (const char* word : {"none", "anonymous", "public"}) {
    store_.reset();
    options_.gcs.auth = word;
    EXPECT_THAT(get(), Succeeds());
  }
}

TEST_F(GcsStoreTest, Auth_ChainEmpty_IsAnonymousUnlessBearer) {
  testing::FakeGcs open(contents_, book_, {.anonymous = true});
  options_.gcs.endpoint = open.endpoint();
  EXPECT_THAT(get(), Succeeds());
  store_.reset();
  options_.gcs.auth = "bearer";
  EXPECT_THAT(get(), FailsWith(ErrorCode::unauthorized));
}

}  // namespace
}  // namespace offloader::object_store
