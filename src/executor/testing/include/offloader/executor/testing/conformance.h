#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "offloader/executor/executor.h"
#include "offloader/executor/testing/random_project.h"

// The tests that every implementation of Executor must pass.
namespace offloader::executor::testing {

struct Subject {
  std::string name;  // the suite is Conformance_{name}
  // Opens an executor that stores everything below this folder. Called again after the previous one is
  // destroyed, as at a restart.
  std::function<std::unique_ptr<Executor>(const std::filesystem::path& folder)> open;
  bool has_rows = true;                 // it loads and returns the rows of files; a fake may not
  bool scans = true;                    // it supports remote_scan
  model::WriteParquet write_parquet{};  // required with `has_rows`
};

// Registers the suite for one implementation and returns true, so that it can initialize a constant. Call it
// before RUN_ALL_TESTS.
bool register_conformance(const Subject& subject);

}  // namespace offloader::executor::testing
