#include "duckdb_internals.h"

#include <cstdlib>
#include <duckdb/main/capi/capi_internal.hpp>
#include <duckdb/main/database.hpp>
#include <duckdb/storage/buffer_manager.hpp>

#include "duckdb_handle.h"
#include "store_error.h"

namespace offloader::duckdb {
namespace {

constexpr const char* kStoreError = "offloader_store_error";
constexpr const char* kOsError = "errno";  // the name in DuckDB's own file system

DuckdbError facts_of(const ::duckdb::ErrorData& error) {
  static_assert(static_cast<int>(::duckdb::ExceptionType::IO) == DUCKDB_ERROR_IO);
  static_assert(static_cast<int>(::duckdb::ExceptionType::OUT_OF_MEMORY) == DUCKDB_ERROR_OUT_OF_MEMORY);
  DuckdbError out;
  out.type = static_cast<duckdb_error_type>(error.Type());
  out.text = error.Message();
  const auto& facts = error.ExtraInfo();
  if (const auto store = facts.find(kStoreError); store != facts.end()) out.store = store->second;
  if (const auto number = facts.find(kOsError); number != facts.end()) {
    out.os_error = static_cast<int>(std::strtol(number->second.c_str(), nullptr, 10));
  }
  return out;
}

}  // namespace

std::function<bool()> interrupted_of(const Context& context) {
  return [context] {
    const auto alive = context.lock();
    return alive && alive->interrupted.load();
  };
}

void raise(const Error& error) {
  if (error.code == ErrorCode::cancelled) throw ::duckdb::InterruptException();
  // Damaged data is not a failure of the store.
  if (error.code == ErrorCode::corrupt) throw ::duckdb::InvalidInputException(error.detail);
  throw ::duckdb::IOException({{kStoreError, text_of_store_error(error)}}, text_of_store_error(error));
}

Result<void> register_file_system(duckdb_database database,
                                  ::duckdb::unique_ptr<::duckdb::FileSystem> system) {
  try {
    const auto& wrapper = *reinterpret_cast<::duckdb::DatabaseWrapper*>(database);
    wrapper.database->instance->GetFileSystem().RegisterSubSystem(std::move(system));
    return {};
  } catch (const std::exception& error) {
    return fail(ErrorCode::internal, "The engine failed.", error.what());
  }
}

DuckdbError error_of(duckdb_result& result) {
  const auto* data = static_cast<::duckdb::DuckDBResultData*>(result.internal_data);
  if (data != nullptr && data->result && data->result->HasError()) {
    return facts_of(data->result->GetErrorObject());
  }
  const char* text = duckdb_result_error(&result);
  return {duckdb_result_error_type(&result), text != nullptr ? text : "no text"};
}

DuckdbError error_of(duckdb_prepared_statement statement) {
  const auto* wrapper = reinterpret_cast<::duckdb::PreparedStatementWrapper*>(statement);
  if (wrapper == nullptr) return {DUCKDB_ERROR_INVALID, "no text"};
  if (wrapper->error_data.HasError()) return facts_of(wrapper->error_data);
  if (wrapper->statement && wrapper->statement->HasError()) return facts_of(wrapper->statement->error);
  return {DUCKDB_ERROR_INVALID, "no text"};
}

DuckdbError error_of(duckdb_pending_result pending) {
  const auto* wrapper = reinterpret_cast<::duckdb::PendingStatementWrapper*>(pending);
  if (wrapper == nullptr || !wrapper->statement || !wrapper->statement->HasError()) {
    return {DUCKDB_ERROR_INVALID, "no text"};
  }
  return facts_of(wrapper->statement->GetErrorObject());
}

bool set_memory_limit(duckdb_database database, std::uint64_t bytes) {
  try {
    const auto& wrapper = *reinterpret_cast<::duckdb::DatabaseWrapper*>(database);
    ::duckdb::BufferManager::GetBufferManager(*wrapper.database->instance).SetMemoryLimit(bytes);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace offloader::duckdb
