#include "offloader/executor/testing/conformance.h"
#include "offloader/executor/testing/fake_executor.h"

namespace offloader::executor::testing {
namespace {

// The fake stores files but no rows.
const bool kRegistered = register_conformance(
    {.name = "Fake",
     .open = [](const std::filesystem::path& folder) { return std::make_unique<FakeExecutor>(folder); },
     .has_rows = false,
     .scans = false});

}  // namespace
}  // namespace offloader::executor::testing
