#include "offloader/http/message.h"

#include <gtest/gtest.h>

namespace offloader::http {
namespace {

TEST(Message, AppendHeader_ValueWithLineEnds_CannotStartAnotherHeader) {
  std::string headers;
  append_header(headers, "X-Name", "a\r\nSet-Cookie: b");
  EXPECT_EQ(headers, "X-Name: aSet-Cookie: b\r\n");
}

TEST(Message, Body_Append_KeepsOrderAndDoesNotCopySharedPieces) {
  const auto shared = std::make_shared<const std::string>("shared");
  Body body;
  body.append("own");
  body.append(shared);
  body.append(std::string());
  ASSERT_EQ(body.pieces().size(), 2U);
  EXPECT_EQ(body.size(), 9U);
  EXPECT_EQ(body.pieces()[0].bytes(), "own");
  EXPECT_EQ(body.pieces()[1].bytes().data(), shared->data());
}

}  // namespace
}  // namespace offloader::http
