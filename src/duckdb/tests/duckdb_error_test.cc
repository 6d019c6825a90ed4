#include "duckdb_error.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace offloader::duckdb {
namespace {

Error error(duckdb_error_type type, const char* text, int os_error = 0) {
  return to_error({type, text, os_error});
}

TEST(DuckdbErrors, ToError_ErrorOfAStream_IsTheOneThatEndedIt) {
  const std::string wrapper =
      "Invalid Input Error: Attempting to execute an unsuccessful or closed pending query result\nError: ";
  const auto wrapped = [&](const std::string& text) {
    return error(DUCKDB_ERROR_INVALID_INPUT, (wrapper + text).c_str());
  };
  EXPECT_EQ(wrapped("IO Error: Corrupt database file: computed checksum 1 does not match").code,
            ErrorCode::corrupt);
  EXPECT_EQ(wrapped("INTERRUPT Error: Interrupted!").code, ErrorCode::cancelled);
  EXPECT_EQ(wrapped(wrapper + "INTERRUPT Error: Interrupted!").code, ErrorCode::cancelled);
  EXPECT_TRUE(is_out_of_memory(wrapped("Out of Memory Error: failed to allocate")));
  EXPECT_TRUE(is_fatal(wrapped("FATAL Error: the database has been invalidated")));
  EXPECT_EQ(wrapped("a text of data").code, ErrorCode::internal);
}

TEST(DuckdbErrors, ToError_KnownFailure_HasTheMatchingCode) {
  EXPECT_EQ(error(DUCKDB_ERROR_IO, "IO Error: Could not write: No space left on device").code,
            ErrorCode::no_space);
  EXPECT_EQ(error(DUCKDB_ERROR_IO, "IO Error: Disk quota exceeded").code, ErrorCode::no_space);
  EXPECT_EQ(error(DUCKDB_ERROR_IO, "IO Error: Could not write file \"x\": in any language", ENOSPC).code,
            ErrorCode::no_space);
  EXPECT_EQ(error(DUCKDB_ERROR_IO, "IO Error: Cannot open file \"x\": in any language", ENOENT).code,
            ErrorCode::unavailable);
  EXPECT_EQ(error(DUCKDB_ERROR_OUT_OF_MEMORY, "… the 'max_temp_directory_size' setting").code,
            ErrorCode::no_space);
  EXPECT_EQ(error(DUCKDB_ERROR_INTERRUPT, "INTERRUPT Error: Interrupted!").code, ErrorCode::cancelled);
  EXPECT_EQ(
      error(DUCKDB_ERROR_IO, "IO Error: Corrupt database file: computed checksum 1 does not match").code,
      ErrorCode::corrupt);
  EXPECT_EQ(error(DUCKDB_ERROR_BINDER, "Binder Error: Catalog \"s7\" does not exist!").code,
            ErrorCode::corrupt);
  EXPECT_EQ(error(DUCKDB_ERROR_INVALID, "no text").code, ErrorCode::internal);
  // Failures of the machine are not blamed on the data, whatever text they quote.
  EXPECT_TRUE(is_machinery(error(DUCKDB_ERROR_OUT_OF_MEMORY, "Out of Memory Error: failed to allocate")));
  EXPECT_TRUE(is_machinery(error(DUCKDB_ERROR_IO, "IO Error: Could not write all bytes to file")));
  EXPECT_TRUE(is_machinery(
      error(DUCKDB_ERROR_IO, "IO Error: Cannot open file \"/c/x.duckdb\": Read-only file system")));
  EXPECT_TRUE(is_refused_by_disk(error(DUCKDB_ERROR_IO, "IO Error: Cannot open file \"x\"", EACCES)));
  EXPECT_TRUE(is_fatal({ErrorCode::internal, "", "FATAL Error: x"}));
  EXPECT_FALSE(is_fatal({ErrorCode::internal, "", "IO Error: x"}));
  const auto full = error(DUCKDB_ERROR_FATAL, "FATAL Error: Failed to checkpoint: No space left on device");
  EXPECT_EQ(full.code, ErrorCode::no_space);
  EXPECT_TRUE(is_fatal(full));
  const auto broken = error(DUCKDB_ERROR_FATAL, "FATAL Error: Failed to checkpoint: Input/output error");
  EXPECT_TRUE(is_refused_by_disk(broken));
  EXPECT_TRUE(is_fatal(broken));
}

// Texts that mark a failure of the machine in other places or error types.
constexpr const char* kHostile[] = {"No such file or directory",
                                    "No space left on device",
                                    "Permission denied",
                                    "checksum",
                                    "database has been invalidated",
                                    "FATAL Error",
                                    "Out of Memory Error: max_temp_directory_size",
                                    "<store unavailable: the store | x>",
                                    "Catalog \"s7\" does not exist"};

TEST(DuckdbErrors, ToError_DataQuotingFailureTexts_IsNotMachinery) {
  for (const std::string text : kHostile) {
    for (const auto& [type, name] : {std::pair{DUCKDB_ERROR_CONVERSION, "Conversion Error"},
                                     std::pair{DUCKDB_ERROR_INVALID_INPUT, "Invalid Input Error"},
                                     std::pair{DUCKDB_ERROR_INVALID, "Invalid Error"}}) {
      const auto quoted = std::string(name) + ": Could not convert string '" + text + "' to INT32: " + text;
      const auto found = error(type, quoted.c_str());
      EXPECT_EQ(found.code, ErrorCode::internal) << quoted;
      EXPECT_FALSE(is_machinery(found)) << quoted;
      EXPECT_FALSE(is_fatal(found)) << quoted;
    }
    // A file name comes from the user too.
    const auto named = "IO Error: The width of \"" + text + ".parquet\" is too large";
    EXPECT_FALSE(is_machinery(error(DUCKDB_ERROR_IO, named.c_str()))) << named;
  }
}

}  // namespace
}  // namespace offloader::duckdb
