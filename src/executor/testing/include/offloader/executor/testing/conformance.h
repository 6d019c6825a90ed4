#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "offloader/executor/executor.h"
#include "offloader/executor/testing/random_project.h"

// What every implementation of Executor must do, as tests.
namespace offloader::executor::testing {

struct Subject {
  std::string name;  // of the suite: Conformance_{name}
  // Opens an executor that keeps what it makes below this folder; again after the one before is gone, as at
  // the next start.
  std::function<std::unique_ptr<Executor>(const std::filesystem::path& folder)> open;
  bool has_rows = true;                 // it loads what files hold, and answers by it: a fake may not
  bool scans = true;                    // it serves remote_scan
  model::WriteParquet write_parquet{};  // with `has_rows`
};

// Registers the suite for one implementation; before RUN_ALL_TESTS, as the initializer of a constant. True.
bool register_conformance(const Subject& subject);

}  // namespace offloader::executor::testing
