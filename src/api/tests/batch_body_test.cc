#include "batch_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace offloader::api {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<Problem> problems_of(std::string_view body) {
  const auto requests = read_batch(body, 3);
  if (requests) return {};
  EXPECT_EQ(requests.error().code, ErrorCode::invalid_param) << requests.error().message;
  return requests.error().problems == nullptr ? std::vector<Problem>() : *requests.error().problems;
}

TEST(BatchBody, Read_Requests_HaveIdEndpointAndParams) {
  const auto requests =
      read_batch(R"({"requests":[{"id":"ä","endpoint":"one","params":{"a":1,"b":[true,"x"],"c":null}},)"
                 R"({"params":null,"endpoint":"two","id":null}]})",
                 3);
  ASSERT_TRUE(requests) << requests.error().message;
  ASSERT_THAT(*requests, SizeIs(2));
  EXPECT_EQ((*requests)[0].id, "ä");
  EXPECT_EQ((*requests)[0].endpoint, "one");
  ASSERT_TRUE((*requests)[0].params);
  ASSERT_THAT(*(*requests)[0].params, SizeIs(3));
  EXPECT_EQ((*requests)[0].params->at(2).value, "x");
  EXPECT_EQ((*requests)[0].params->at(2).form, query::SentParam::Form::item);
  EXPECT_EQ((*requests)[1].id, std::nullopt);
  ASSERT_TRUE((*requests)[1].params);
  EXPECT_THAT(*(*requests)[1].params, IsEmpty());
}

TEST(BatchBody, Read_ParamsThatAreNone_FailThatRequestAlone) {
  for (const char* params :
       {"1", "\"x\"", "[]", "[{\"a\":[]}]", "true", R"({"a":{"b":{}}})", R"({"a":[[]]})",
        R"({"a":[1,[2,[3]],4]})", R"({"a":[{}]})", R"({"a":[null]})", R"({"a":1,"a":2})"}) {
    const auto requests = read_batch(std::string(R"({"requests":[{"endpoint":"x","params":)") + params +
                                         R"(,"id":"after"},{"endpoint":"y","params":{"a":[1]}}]})",
                                     3);
    ASSERT_TRUE(requests) << params << requests.error().message;
    ASSERT_THAT(*requests, SizeIs(2)) << params;
    ASSERT_FALSE((*requests)[0].params) << params;
    EXPECT_EQ((*requests)[0].params.error().code, ErrorCode::bad_request) << params;
    EXPECT_EQ((*requests)[0].id, "after");
    ASSERT_TRUE((*requests)[1].params);
    EXPECT_THAT(*(*requests)[1].params, SizeIs(1));
  }
}

TEST(BatchBody, Read_NotJson_IsInvalid) {
  for (const char* body : {"", "{", R"({"requests":[)", R"({"requests":[7,)", R"({"requests":[{"id":7,)",
                           R"({"requests":[{"endpoint":"x"}]}x)", "{'a':1}", "{\"requests\":\"\xff\"}"}) {
    const auto problems = problems_of(body);
    ASSERT_THAT(problems, SizeIs(1)) << body;
    EXPECT_EQ(problems[0].message, "the body is not valid JSON") << body;
    EXPECT_EQ(problems[0].param, "") << body;
  }
}

TEST(BatchBody, Read_NoBatch_IsInvalid) {
  for (const char* body :
       {"[]", "1", "null", "{}", R"({"requests":null})", R"({"requests":{}})", R"({"requests":[1]})",
        R"({"requests":[[]]})", R"({"requests":[{}]})", R"({"requests":[{"endpoint":1}]})",
        R"({"requests":[{"endpoint":null}]})", R"({"requests":[{"endpoint":"x","id":1}]})",
        R"({"requests":[{"endpoint":"x","id":{}}]})", R"({"requests":[{"endpoint":"x","more":[{}]}]})",
        R"({"requests":[],"more":1})", R"({"requests":[],"requests":[]})",
        R"({"requests":[{"endpoint":"x","endpoint":"y"}]})", R"({"requests":[1,2,3,4]})",
        R"({"requests":[{"endpoint":"x","params":{},"params":{}}]})"}) {
    EXPECT_FALSE(problems_of(body).empty()) << body;
  }
}

TEST(BatchBody, Read_SeveralMistakes_TellsWhereEachIs) {
  const auto problems =
      problems_of(R"({"requests":[{"endpoint":"x"},7,{"id":[1],"other":{"id":2}}],"more":true})");
  ASSERT_THAT(problems, SizeIs(5));
  EXPECT_EQ(problems[0].param, "requests[1]");
  EXPECT_EQ(problems[1].param, "requests[2].id");
  EXPECT_EQ(problems[2].param, "requests[2]");
  EXPECT_EQ(problems[3].param, "requests[2].endpoint");
  EXPECT_EQ(problems[4].param, "");
  for (const Problem& problem : problems) EXPECT_NE(problem.message, "");
}

TEST(BatchBody, Read_LongId_CountsCharacters) {
  std::string id;
  for (int i = 0; i < 100; ++i) id += "ä";
  const auto body = [](const std::string& name) {
    return R"({"requests":[{"endpoint":"x","id":")" + name + "\"}]}";
  };
  EXPECT_TRUE(read_batch(body(id), 3));
  EXPECT_THAT(problems_of(body(id + "b")).at(0).message, HasSubstr("100"));
}

TEST(BatchBody, Read_Brackets_EndsAtOnce) {
  for (const char* open : {"[", R"({"requests":[)", R"({"requests":[{"params":[)",
                           R"({"requests":[{"params":{"a":[)", R"({"a":)", R"({"requests":[{"x":{"a":)"}) {
    std::string body(open);
    while (body.size() < 64U << 10) body += '[';
    EXPECT_FALSE(read_batch(body, 3)) << open;
  }
}

}  // namespace
}  // namespace offloader::api
