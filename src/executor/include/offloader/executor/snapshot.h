#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace offloader::executor {

// The state of the index that an executor derives from a snapshot to answer faster.
struct IndexStatus {
  enum class State {
    none,      // nothing to index, or OFFLOADER_INDEX is off
    ready,     // has the columns and the order that the endpoints need
    building,  // missing or of another layout, and being built
    failed,    // the build failed; queries are answered without the index
  };
  State state = State::none;
  std::string reason{};  // set for building and failed; for people
};

// The columns of a dataset that its endpoints use, as indices into its schema.
struct Layout {
  std::vector<std::size_t> sort_columns;  // after the tenant column; shared by the most endpoints first
  std::vector<std::size_t> indexed_columns;
};

// A snapshot that can be queried. Immutable and thread-safe; shared by every generation and request that uses
// it. It is closed when its last holder releases it. If retire() was called, its files or tables are deleted
// after that, never before.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  // Unique within the process.
  [[nodiscard]] virtual std::uint64_t id() const = 0;
  // Whether each query reads the rows from their source (remote_scan).
  [[nodiscard]] virtual bool remote() const = 0;
  [[nodiscard]] virtual std::int64_t rows() const = 0;
  // Hexadecimal. A digest of the rows; for a remote snapshot, of the sizes and tags of its files.
  [[nodiscard]] virtual const std::string& fingerprint() const = 0;
  // Marks the snapshot for deletion. May be called on any thread, more than once.
  virtual void retire() const = 0;
  [[nodiscard]] virtual IndexStatus index_status() const { return {}; }
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace offloader::executor
