#include "scalar_function.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "offloader/duckdb/error.h"
#include "offloader/duckdb/testing/unlocked.h"

namespace offloader::duckdb {
namespace {

void without_memory(duckdb_function_info, duckdb_data_chunk, duckdb_vector) {
  throw std::bad_alloc();
}
void broken(duckdb_function_info, duckdb_data_chunk, duckdb_vector) {
  throw std::logic_error("broken");
}

// Returns the error of a query that calls the function.
Error error_of_call(const char* name, duckdb_scalar_function_t body) {
  auto& connection = duckdb::testing::unlocked_connection();
  duckdb_scalar_function function = duckdb_create_scalar_function();
  duckdb_logical_type integer = duckdb_create_logical_type(DUCKDB_TYPE_INTEGER);
  duckdb_scalar_function_set_name(function, name);
  duckdb_scalar_function_set_return_type(function, integer);
  duckdb_scalar_function_set_function(function, body);
  EXPECT_EQ(duckdb_register_scalar_function(connection.get(), function), DuckDBSuccess);
  duckdb_destroy_logical_type(&integer);
  duckdb_destroy_scalar_function(&function);
  const auto called = connection.rows(std::string("SELECT ") + name + "()");
  EXPECT_FALSE(called);
  return called ? Error{} : called.error();
}

TEST(ScalarCallback, Guarded_BodyWithoutMemory_IsOutOfMemory) {
  const auto error = error_of_call("without_memory", guarded<without_memory>);
  EXPECT_TRUE(is_out_of_memory(error)) << error.detail;
  EXPECT_TRUE(is_machinery(error));
}

TEST(ScalarCallback, Guarded_BodyThatThrows_FailsTheQuery) {
  const auto error = error_of_call("broken", guarded<broken>);
  EXPECT_EQ(error.code, ErrorCode::internal);
  EXPECT_NE(error.detail.find("offloader: a function failed"), std::string::npos) << error.detail;
}

}  // namespace
}  // namespace offloader::duckdb
