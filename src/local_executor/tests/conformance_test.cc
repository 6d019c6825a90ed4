#include "offloader/executor/testing/conformance.h"

#include "offloader/duckdb/testing/data_file.h"
#include "offloader/local_executor/local_executor.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::local_executor {
namespace {

executor::testing::Subject subject(const char* name, bool use_index) {
  return {.name = name,
          .open = [use_index](const std::filesystem::path& folder) -> std::unique_ptr<executor::Executor> {
            static const std::unique_ptr<telemetry::Telemetry> silent = telemetry::make_silent_telemetry();
            Options options;
            options.cache_dir = folder;
            options.pool_size = 2;
            options.pool_wait = std::chrono::hours(1);
            options.query_timeout = std::chrono::hours(1);
            options.use_index = use_index;
            auto opened = open_local_executor(options, *silent);
            return opened ? std::move(*opened) : nullptr;
          },
          .write_parquet = duckdb::testing::write_parquet};
}

const bool kWithIndex = executor::testing::register_conformance(subject("LocalWithIndex", true));
const bool kWithoutIndex = executor::testing::register_conformance(subject("LocalWithoutIndex", false));

}  // namespace
}  // namespace offloader::local_executor
