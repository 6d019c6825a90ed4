#include "scalar_function.h"

namespace offloader::duckdb {

Result<void> register_scalar_function(duckdb_connection connection, const ScalarFunction& described) {
  duckdb_scalar_function function = duckdb_create_scalar_function();
  duckdb_logical_type text = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
  duckdb_logical_type any = duckdb_create_logical_type(DUCKDB_TYPE_ANY);
  duckdb_logical_type returns = duckdb_create_logical_type(described.returns);
  duckdb_scalar_function_set_name(function, described.name);
  for (int i = 0; i < described.texts; ++i) duckdb_scalar_function_add_parameter(function, text);
  if (described.texts == 0) duckdb_scalar_function_set_varargs(function, any);
  duckdb_scalar_function_set_return_type(function, returns);
  duckdb_scalar_function_set_special_handling(function);
  if (described.init != nullptr) duckdb_scalar_function_set_init(function, described.init);
  duckdb_scalar_function_set_function(function, described.body);
  const auto state = duckdb_register_scalar_function(connection, function);
  duckdb_destroy_logical_type(&text);
  duckdb_destroy_logical_type(&any);
  duckdb_destroy_logical_type(&returns);
  duckdb_destroy_scalar_function(&function);
  if (state != DuckDBSuccess)
    return fail(ErrorCode::internal, "The engine failed.", "cannot register a function");
  return {};
}

}  // namespace offloader::duckdb
