#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace offloader::engine {

// The files of one built snapshot: `base`.duckdb and, derived, `base`.index.
struct SnapshotFiles {
  std::filesystem::path base;

  [[nodiscard]] std::filesystem::path database() const;
  [[nodiscard]] std::filesystem::path index() const;
};

// A snapshot that can be queried: an attached file, or a set of remote files. Immutable; shared by every
// generation and request that uses it. When the last holder lets go it is detached, and after retire() its
// files are unlinked: exactly when their last reader is gone. retire() may be called from any thread, more
// than once.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  [[nodiscard]] virtual std::uint64_t id()
      const = 0;  // distinct in the process: part of prepared-statement keys
  [[nodiscard]] virtual bool remote() const = 0;
  [[nodiscard]] virtual std::int64_t rows() const = 0;
  [[nodiscard]] virtual const std::string& fingerprint() const = 0;
  virtual void retire() const = 0;
};

}  // namespace offloader::engine
