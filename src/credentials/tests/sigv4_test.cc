#include "offloader/credentials/sigv4.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "offloader/base/crypto.h"
#include "offloader/base/timestamp.h"
#include "offloader/transport/url_encoding.h"

namespace offloader::credentials {
namespace {

// Signs the request of each published vector and compares the whole Authorization header.
void hold_against(const char* file, const SigningDialect& dialect, const SigningKeys& keys, const char* date,
                  std::size_t vectors) {
  std::ifstream in(std::string(OFFLOADER_SOURCE_DIR) + "/src/credentials/tests/data/" + file);
  const auto all = nlohmann::json::parse(in);
  EXPECT_EQ(all.size(), vectors);
  for (const auto& vector : all) {
    SCOPED_TRACE(vector["name"].get<std::string>());
    SigningRequest request;
    request.method = vector["method"];
    request.path = transport::encode_path(vector["path"].get<std::string>());
    request.query = transport::encode_query(vector["query"].get<transport::Query>());
    request.headers = vector["headers"].get<std::map<std::string, std::string>>();
    request.payload_hash = to_hex(sha256(vector["body"].get<std::string>()));
    EXPECT_EQ(authorization(dialect, keys, "us-east-1", date, request),
              vector["authorization"].get<std::string>());
  }
}

TEST(SigV4, Authorization_AwsTestSuite_MatchesEachVector) {
  hold_against("aws_sigv4_suite.json", aws_dialect("service"),
               {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}, "20150830T123600Z", 24);
}

TEST(SigV4, Authorization_AmazonS3Examples_MatchesEachVector) {
  hold_against("aws_s3_examples.json", aws_dialect("s3"),
               {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}, "20130524T000000Z", 4);
}

TEST(SigV4, SigningDate_FractionalSeconds_AreDropped) {
  EXPECT_EQ(signing_date(*parse_iso8601("2015-08-30T12:36:00.999Z")), "20150830T123600Z");
}

}  // namespace
}  // namespace offloader::credentials
