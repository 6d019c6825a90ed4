#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offloader/query/json_params.h"
#include "plain_decimal.h"

namespace offloader::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Form = SentParam::Form;

MATCHER_P3(Sent, name, value, form, "") {
  return arg.name == name && arg.value == value && arg.form == form;
}

Params decoded(std::string_view body) {
  auto params = decode_json_params(body);
  EXPECT_TRUE(params) << body << ": " << (params ? "" : params.error().message);
  return params.value_or(Params{});
}

void expect_refused(std::string_view body, ErrorCode code) {
  const auto params = decode_json_params(body);
  ASSERT_FALSE(params) << body.substr(0, 100);
  EXPECT_EQ(params.error().code, code) << body.substr(0, 100);
}

TEST(JsonParams, Decode_Scalars_BecomeTheTextOfAQueryString) {
  EXPECT_THAT(
      decoded(R"({"s":"a b","i":-5,"b":true,"f":false,"n":12.5,"e":"","u":18446744073709551615})"),
      ElementsAre(Sent("s", "a b", Form::text), Sent("i", "-5", Form::text), Sent("b", "true", Form::text),
                  Sent("f", "false", Form::text), Sent("n", "12.5", Form::text), Sent("e", "", Form::text),
                  Sent("u", "18446744073709551615", Form::text)));
  EXPECT_THAT(decoded(" { } "), IsEmpty());
}

TEST(JsonParams, Decode_Null_IsAbsent) {
  EXPECT_THAT(decoded(R"({"a":null,"b":1})"), ElementsAre(Sent("b", "1", Form::text)));
}

TEST(JsonParams, Decode_List_HasAnEntryForEachValue) {
  EXPECT_THAT(
      decoded(R"({"a":["x,y","z",1,true],"b":[]})"),
      ElementsAre(Sent("a", "x,y", Form::item), Sent("a", "z", Form::item), Sent("a", "1", Form::item),
                  Sent("a", "true", Form::item), Sent("b", "", Form::empty)));
}

TEST(JsonParams, Decode_EscapesAndUtf8_AreDecoded) {
  EXPECT_THAT(decoded(R"({"\u0061":"\u00e4\ud83e\udd86\n"})"), ElementsAre(Sent("a", "ä🦆\n", Form::text)));
}

TEST(JsonParams, Decode_NotAnObjectOfParams_IsABadRequest) {
  for (const char* body : {"",
                           "{",
                           "[]",
                           "1",
                           "null",
                           "\"a\"",
                           "{}x",
                           "{\"a\":{}}",
                           "{\"a\":[[1]]}",
                           "{\"a\":[{}]}",
                           "{\"a\":[null]}",
                           "{\"a\":}",
                           "{a:1}",
                           "{'a':1}",
                           "{\"a\":1,}",
                           "{\"a\":01}",
                           "{\"a\":+1}",
                           "{\"a\":NaN}",
                           "{\"a\":\"\xff\"}",
                           "{\"a\":\"\\ud800\"}",
                           "{/**/\"a\":1}"}) {
    expect_refused(body, ErrorCode::bad_request);
  }
}

TEST(JsonParams, Decode_MemberTwice_IsABadRequest) {
  for (const char* body : {R"({"a":1,"a":1})", R"({"a":null,"a":1})", R"({"a":1,"b":2,"\u0061":null})"})
    expect_refused(body, ErrorCode::bad_request);
}

TEST(JsonParams, Decode_NumberOutsideDoubles_IsAnInvalidParam) {
  expect_refused(R"({"a":1e999})", ErrorCode::invalid_param);
  expect_refused("{\"a\":[1,-" + std::string(400, '9') + "]}", ErrorCode::invalid_param);
  expect_refused("1e999", ErrorCode::bad_request);
  EXPECT_EQ(decoded("{\"a\":\"" + std::string(400, '9') + "\"}").size(), 1U);
}

TEST(JsonParams, Decode_Nul_IsAnInvalidParam) {
  expect_refused(R"({"a":"\u0000"})", ErrorCode::invalid_param);
  expect_refused(R"({"a":["b","c\u0000"]})", ErrorCode::invalid_param);
}

TEST(JsonParams, Decode_TooManyParamsOrValues_IsAnInvalidParam) {
  const auto members = [](std::size_t count, const char* value) {
    std::string body = "{";
    for (std::size_t i = 0; i < count; ++i)
      body += (i == 0 ? "\"a" : ",\"a") + std::to_string(i) + "\":" + value;
    return body + "}";
  };
  EXPECT_EQ(decoded(members(kMaxParams, "1")).size(), kMaxParams);
  expect_refused(members(kMaxParams + 1, "1"), ErrorCode::invalid_param);
  expect_refused(members(kMaxParams + 1, "null"), ErrorCode::invalid_param);
  const auto list = [](std::size_t count) {
    std::string body = R"({"a":[1)";
    for (std::size_t i = 1; i < count; ++i) body += ",1";
    return body + "]}";
  };
  EXPECT_EQ(decoded(list(kMaxValues)).size(), kMaxValues);
  expect_refused(list(kMaxValues + 1), ErrorCode::invalid_param);
}

TEST(JsonParams, Decode_ListOfALongName_HasOneEntry) {
  const std::string name(64, 'a');
  EXPECT_EQ(decoded("{\"" + name + "\":[1,2,3],\"b\":[1,2]}").size(), 3U);
  EXPECT_EQ(decoded("{\"" + name.substr(1) + "\":[1,2,3]}").size(), 3U);
}

TEST(JsonParams, Decode_BodyOfBrackets_IsABadRequest) {
  for (const char* open : {"[", "{\"a\":", "{\"a\":[", "{\"a\":[["}) {
    std::string body(open);
    while (body.size() < 64U << 10) body += '[';
    expect_refused(body, ErrorCode::bad_request);
  }
}

TEST(JsonParams, Events_AfterAMistake_AreIgnored) {
  JsonParams params;
  params.key("a");
  params.reject();
  params.key("a");
  params.begin_list();
  params.value(std::string(1, '\0'));
  params.end_list();
  EXPECT_TRUE(params.failed());
  const auto taken = std::move(params).take();
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::bad_request);
}

TEST(PlainDecimal, EqualNumbers_HaveOneText) {
  const std::vector<std::vector<const char*>> same = {
      {"5", "5.0", "5e0", "0.5e1", "500E-2", "5.000e+0", "50e-1"},
      {"0", "-0", "0.0", "-0.00", "0e5", "0.0e-7"},
      {"-12.5", "-12.50", "-1.25e1", "-1250e-2"},
      {"0.0015", "1.5e-3", "15e-4", "0.00150"},
      {"1000", "1e3", "1.0E3", "0.001e6"},
      {"12345678901234567890123.25", "1234567890123456789012325e-2"}};
  for (const auto& numbers : same) {
    for (const char* number : numbers) EXPECT_EQ(plain_decimal(number), numbers.front()) << number;
  }
}

TEST(PlainDecimal, HundredsOfDigits_StayAsWritten) {
  for (const char* number : {"1e401", "1e-401", "1e99999999999999999999", "-3E-401", "0.1e-400"})
    EXPECT_EQ(plain_decimal(number), number);
  EXPECT_EQ(plain_decimal("1e308").size(), 309U);
}

}  // namespace
}  // namespace offloader::query
