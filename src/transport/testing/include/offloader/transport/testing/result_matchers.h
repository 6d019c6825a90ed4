#pragma once

#include <gmock/gmock.h>

#include <string>

#include "offloader/base/result.h"

namespace offloader::transport::testing {

// Formats the code, message and detail of an error for a test's output.
inline std::string told(const Error& error) {
  return std::string(name_of(error.code)) + ": " + error.message + " [" + error.detail + "]";
}

MATCHER_P(FailsWith, code, std::string("fails with ") + name_of(code)) {
  if (arg.has_value()) {
    *result_listener << "which succeeded";
    return false;
  }
  *result_listener << "which is " << told(arg.error());
  return arg.error().code == code;
}

MATCHER(Succeeds, "succeeds") {
  if (!arg.has_value()) *result_listener << "which is " << told(arg.error());
  return arg.has_value();
}

}  // namespace offloader::transport::testing
