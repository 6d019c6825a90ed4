#include "cache_writes.h"

namespace offloader::snapshot_cache {

tl::unexpected<Error> cannot_write(const Error& error) {
  if (error.code == ErrorCode::no_space) {
    return fail(
        error.code,
        "the cache folder's disk is full: free some space on it, or move OFFLOADER_CACHE_DIR to a larger "
        "disk",
        error.detail);
  }
  return fail(ErrorCode::unavailable,
              "the cache folder cannot be written: check OFFLOADER_CACHE_DIR, its permissions and its disk",
              error.detail);
}

Result<void> done_or_said(Result<void> result) {
  if (!result) return cannot_write(result.error());
  return result;
}

}  // namespace offloader::snapshot_cache
