#pragma once

#include <string>

#include "endpoint_call.h"

namespace offloader::cli {

struct TestFlags {
  CallFlags call;
  std::string format = "json";  // a name of catalog::kFormats
  long expect_status = 200;
  bool json = false;
};

// Calls an endpoint and checks the answer. Returns the exit code.
[[nodiscard]] int test_endpoint(const TestFlags& flags, World& world);

struct ExportFlags {
  CallFlags call;
  std::string out;
  std::string format;  // a name of catalog::kFormats other than json; empty: from the extension of `out`
  bool force = false;
  bool no_trailers = false;
  bool json = false;
};

// Writes all rows of an endpoint to a file or to standard output. Returns the exit code.
[[nodiscard]] int export_endpoint(const ExportFlags& flags, World& world);

}  // namespace offloader::cli
