#include "offloader/duckdb/testing/gate.h"

#include <duckdb.h>

#include <cstdlib>
#include <stdexcept>

namespace offloader::duckdb::testing {
namespace {

void add(duckdb_connection connection, void* gate, const char* name, duckdb_scalar_function_t body) {
  duckdb_scalar_function function = duckdb_create_scalar_function();
  duckdb_logical_type type = duckdb_create_logical_type(DUCKDB_TYPE_BIGINT);
  duckdb_scalar_function_set_name(function, name);
  duckdb_scalar_function_add_parameter(function, type);
  duckdb_scalar_function_set_return_type(function, type);
  duckdb_scalar_function_set_volatile(function);
  duckdb_scalar_function_set_extra_info(function, gate, nullptr);
  duckdb_scalar_function_set_function(function, body);
  if (duckdb_register_scalar_function(connection, function) != DuckDBSuccess) std::abort();
  duckdb_destroy_logical_type(&type);
  duckdb_destroy_scalar_function(&function);
}

}  // namespace

void Gate::add_to(Connection& connection) {
  add(connection.get(), this, "wait_at_gate",
      [](duckdb_function_info info, duckdb_data_chunk chunk, duckdb_vector out) {
        static_cast<Gate*>(duckdb_scalar_function_get_extra_info(info))->pass();
        for (idx_t i = 0; i < duckdb_data_chunk_get_size(chunk); ++i) {
          static_cast<std::int64_t*>(duckdb_vector_get_data(out))[i] = 1;
        }
      });
  add(connection.get(), this, "break_instance", [](duckdb_function_info, duckdb_data_chunk, duckdb_vector) {
    // The text of DuckDB's own FatalException.
    throw std::runtime_error(R"({"exception_type":"FATAL","exception_message":"broken by a test"})");
  });
}

void Gate::open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

void Gate::await_arrivals(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return arrived_ >= count; });
}

bool Gate::reached() {
  const std::lock_guard lock(mutex_);
  return arrived_ > 0;
}

void Gate::pass() {
  std::unique_lock lock(mutex_);
  ++arrived_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return open_; });
}

}  // namespace offloader::duckdb::testing
