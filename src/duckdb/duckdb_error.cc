#include "duckdb_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <string_view>

#include "fill_sql.h"
#include "scalar_function.h"
#include "store_error.h"

namespace offloader::duckdb {
namespace {

// Prefix of the detail of errors for which is_refused_by_disk() is true.
constexpr std::string_view kDisk = "refused by the file system: ";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Returns the errno whose meaning is at the end of one of DuckDB's texts about files, for exceptions without
// the number; 0 if there is none.
int os_error_in(std::string_view text) {
  struct Meaning {
    int number;
    std::string_view text;
  };
  constexpr Meaning kMeanings[] = {{ENOSPC, "No space left on device"},
                                   {EDQUOT, "Disk quota exceeded"},
                                   {ENOENT, "No such file or directory"},
                                   {EROFS, "Read-only file system"},
                                   {EACCES, "Permission denied"},
                                   {EFBIG, "File too large"},
                                   {EIO, "Input/output error"}};
  for (const auto& meaning : kMeanings) {
    if (text.ends_with(meaning.text)) return meaning.number;
  }
  return 0;
}

// Like os_error_in(), but anywhere in the text; returns ENOSPC, EIO or 0. An instance that was invalidated,
// or a transaction that could not be written, reports its first cause inside its own text. It quotes no data,
// because tables have no constraints that a value could violate.
int os_error_inside(std::string_view text) {
  if (contains(text, "No space left on device") || contains(text, "Disk quota exceeded")) return ENOSPC;
  for (const char* part : {"Read-only file system", "Permission denied", "File too large", "Could not write",
                           "Could not truncate", "fsync failed", "Could not fsync", "Input/output error"}) {
    if (contains(text, part)) return EIO;
  }
  return 0;
}

// The type whose name begins a text of DuckDB's.
duckdb_error_type type_in(std::string_view text) {
  struct Name {
    std::string_view text;
    duckdb_error_type type;
  };
  constexpr Name kNames[] = {{"IO Error", DUCKDB_ERROR_IO},
                             {"INTERRUPT Error", DUCKDB_ERROR_INTERRUPT},
                             {"Out of Memory Error", DUCKDB_ERROR_OUT_OF_MEMORY},
                             {"FATAL Error", DUCKDB_ERROR_FATAL},
                             {"TransactionContext Error", DUCKDB_ERROR_TRANSACTION},
                             {"Serialization Error", DUCKDB_ERROR_SERIALIZATION},
                             {"Invalid Input Error", DUCKDB_ERROR_INVALID_INPUT}};
  for (const Name& name : kNames) {
    if (text.starts_with(name.text)) return name.type;
  }
  return DUCKDB_ERROR_INVALID;
}

// Returns the error that ended a stream. DuckDB puts it into the text of another one, whose type says
// nothing.
DuckdbError unwrapped(const DuckdbError& error) {
  constexpr std::string_view kWrapper =
      "Invalid Input Error: Attempting to execute an unsuccessful or closed pending query result\nError: ";
  std::string_view text = error.text;
  while (text.starts_with(kWrapper)) text.remove_prefix(kWrapper.size());
  if (text.size() == error.text.size()) return error;
  return {type_in(text), std::string(text), error.os_error, error.store};
}

Error io_error(const DuckdbError& error) {
  const std::string_view text = error.text;
  const int number = error.os_error != 0 ? error.os_error : os_error_in(text);
  if (number == ENOSPC || number == EDQUOT) return {ErrorCode::no_space, "The disk is full.", error.text};
  if (number == ENOENT || text.starts_with("IO Error: No files found that match")) {
    return {ErrorCode::unavailable, "A file cannot be read.", error.text};
  }
  if (text.starts_with("IO Error: Corrupt database file") ||
      text.starts_with("IO Error: Could not read enough bytes") ||
      text.starts_with("IO Error: The file is not a valid DuckDB database file") ||
      (text.starts_with("IO Error: The file \"") &&
       text.ends_with("exists, but it is not a valid DuckDB database file!"))) {
    return {ErrorCode::corrupt, "A file is damaged.", error.text};
  }
  if (number != 0 || text.starts_with("IO Error: Could not write") ||
      text.starts_with("IO Error: Could not truncate") || text.starts_with("IO Error: Could not fsync") ||
      text.starts_with("IO Error: fsync failed")) {
    return {ErrorCode::internal, "The engine failed.", std::string(kDisk) + error.text};
  }
  return {ErrorCode::internal, "The engine failed.", error.text};
}

}  // namespace

Error to_error(const DuckdbError& given) {
  const DuckdbError error = unwrapped(given);
  const std::string_view text = error.text;
  if (error.type == DUCKDB_ERROR_INTERRUPT) {
    return {ErrorCode::cancelled, "The query was interrupted.", error.text};
  }
  if (auto store = store_error_in(error.store)) return std::move(*store);
  switch (error.type) {
    case DUCKDB_ERROR_IO:
      return io_error(error);
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      if (contains(text, "max_temp_directory_size")) {
        return {ErrorCode::no_space, "The disk is full.", error.text};
      }
      break;
    case DUCKDB_ERROR_FATAL:
    case DUCKDB_ERROR_TRANSACTION:
      if (const int number = os_error_inside(text); number == ENOSPC) {
        return {ErrorCode::no_space, "The disk is full.", error.text};
      } else if (number != 0) {
        return {ErrorCode::internal, "The engine failed.", std::string(kDisk) + error.text};
      }
      break;
    case DUCKDB_ERROR_SERIALIZATION:
      return {ErrorCode::corrupt, "A file is damaged.", error.text};
    case DUCKDB_ERROR_BINDER:
    case DUCKDB_ERROR_CATALOG:
      // An attached file could not be attached again when the serving instance was rebuilt.
      if (text.starts_with("Binder Error: Catalog \"s") || text.starts_with("Catalog Error: Catalog \"s")) {
        return {ErrorCode::corrupt, "A file is damaged.", error.text};
      }
      break;
    case DUCKDB_ERROR_INVALID_INPUT:
      if (text == fmt::format("Invalid Input Error: {}", kTooManyBuckets)) {
        return {ErrorCode::invalid_param, "the answer would have more than 100,000 buckets", error.text};
      }
      break;
    default:
      break;
  }
  return {ErrorCode::internal, "The engine failed.", error.text};
}

bool is_machinery(const Error& error) {
  const ErrorCode code = error.code;
  return code == ErrorCode::no_space || code == ErrorCode::cancelled || code == ErrorCode::unavailable ||
         code == ErrorCode::changed || code == ErrorCode::timeout || is_out_of_memory(error) ||
         is_refused_by_disk(error) || is_fatal(error);
}

// DuckDB begins each text with the name of the error type.
bool is_out_of_memory(const Error& error) {
  return error.detail.starts_with("Out of Memory Error") || error.detail == "Invalid Error: std::bad_alloc" ||
         error.detail == fmt::format("Invalid Input Error: {}", kFunctionOutOfMemory);
}

bool is_out_of_spill(const Error& error) {
  return error.code == ErrorCode::no_space && is_out_of_memory(error);
}

bool is_refused_by_disk(const Error& error) {
  return error.detail.starts_with(kDisk);
}

bool is_fatal(const Error& error) {
  std::string_view detail = error.detail;
  if (detail.starts_with(kDisk)) detail.remove_prefix(kDisk.size());
  return detail.starts_with("FATAL Error") ||
         ((detail.starts_with("TransactionContext Error") || detail.starts_with("INTERNAL Error")) &&
          (contains(detail, "FATAL Error") || contains(detail, "database has been invalidated")));
}

}  // namespace offloader::duckdb
