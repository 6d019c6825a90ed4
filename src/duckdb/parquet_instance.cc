#include "parquet_instance.h"

#include <fmt/format.h>

#include <utility>

#include "answer_feed.h"
#include "offloader/base/crypto.h"
#include "offloader/base/file.h"
#include "offloader/duckdb/error.h"

namespace offloader::duckdb {
namespace {

Result<std::shared_ptr<Database>> open(const ParquetOptions& options) {
  if (auto made = create_folders(options.folder); !made) {
    const bool full = made.error().code == ErrorCode::no_space;
    return fail(full ? ErrorCode::no_space : ErrorCode::unavailable,
                "The folder for exports cannot be written.", std::move(made.error().detail));
  }
  InstanceOptions instance;
  instance.memory_limit = options.memory_limit;
  instance.temp_directory = options.folder;
  instance.allowed_directories = {options.folder.string()};
  // DuckDB bounds the bytes of a row group only if it need not keep the order of the rows. It keeps it all
  // the same, because one thread reads a table and writes its file.
  instance.setup = {"SET GLOBAL preserve_insertion_order = false"};
  auto database = open_instance(instance);
  if (!database) return database;
  const auto connection = Connection::open(*database);
  if (!connection) return fail(connection.error());
  if (auto registered = AnswerFeed::register_function(connection->get()); !registered)
    return fail(std::move(registered.error()));
  return database;
}

}  // namespace

Result<Connection> ParquetInstance::connect() {
  const MutexLock lock(mutex_);
  if (!database_) {
    auto opened = open(options_);
    if (!opened) return fail(std::move(opened.error()));
    database_ = std::move(*opened);
  }
  return Connection::open(database_);
}

std::filesystem::path ParquetInstance::new_file() const {
  constexpr std::size_t kRandomBytes = 16;
  return options_.folder / (random_hex(kRandomBytes) + ".parquet");
}

// Bloom filters are left out: all of them would be in memory up to the end of the file.
std::string ParquetInstance::copy_sql(const std::string& table, const std::filesystem::path& file) const {
  return fmt::format(
      "COPY (FROM {}) TO {} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {}, ROW_GROUP_SIZE_BYTES {}, "
      "WRITE_BLOOM_FILTER false)",
      table, quote_literal(file.string()), options_.group_rows, options_.group_bytes);
}

void ParquetInstance::report(const Error& error) {
  if (!is_fatal(error)) return;
  const MutexLock lock(mutex_);
  database_.reset();
}

}  // namespace offloader::duckdb
