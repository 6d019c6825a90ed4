#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace offloader::executor {

// What has become of what an executor derives from a snapshot to answer faster.
struct IndexStatus {
  enum class State {
    none,      // there is nothing to index, or OFFLOADER_INDEX is off
    ready,     // it has the columns and the order that the endpoints ask for
    building,  // it is missing, or of another layout, and is being built
    failed,    // it could not be built; queries are answered without it
  };
  State state = State::none;
  std::string reason{};  // of building and failed; for people
};

// The columns of a dataset that its endpoints use; indices into its schema.
struct Layout {
  std::vector<std::size_t> sort_columns;  // after the tenant column; most shared first
  std::vector<std::size_t> indexed_columns;
};

// A snapshot that can be queried. Immutable; shared by every generation and request that uses it. When the
// last holder lets go it is closed, and after retire() what it is made of (files, tables) is deleted: exactly
// when its last reader is gone. retire() may be called from any thread, more than once.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  // Distinct in the process.
  [[nodiscard]] virtual std::uint64_t id() const = 0;
  // Whether its rows are read from their source at each query (remote_scan).
  [[nodiscard]] virtual bool remote() const = 0;
  [[nodiscard]] virtual std::int64_t rows() const = 0;
  // Hexadecimal; over the rows, or over the tags of remote files.
  [[nodiscard]] virtual const std::string& fingerprint() const = 0;
  virtual void retire() const = 0;
  // Any thread.
  [[nodiscard]] virtual IndexStatus index_status() const { return {}; }
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace offloader::executor
