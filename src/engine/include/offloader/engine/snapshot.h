#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace offloader::engine {

// The files of one built snapshot: `base`.duckdb and, derived, `base`.index.
struct SnapshotFiles {
  std::filesystem::path base;

  [[nodiscard]] std::filesystem::path database() const;
  [[nodiscard]] std::filesystem::path index() const;
};

// What has become of the columnar index of an open snapshot.
struct IndexStatus {
  enum class State {
    none,      // there is nothing to index, or OFFLOADER_INDEX is off
    ready,     // it has the columns and the order that the endpoints ask for
    building,  // it is missing, or of another layout, and is being built
    failed,    // it could not be built; DuckDB answers
  };
  State state = State::none;
  std::string reason{};  // of building and failed; for people
};

// The columns of a dataset that its endpoints use; indices into its schema.
struct IndexColumns {
  std::vector<std::size_t> sort_columns;  // after the tenant column; most shared first
  std::vector<std::size_t> indexed_columns;
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
  // Any thread.
  [[nodiscard]] virtual IndexStatus index_status() const { return {}; }
};

}  // namespace offloader::engine
