#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace offloader::api {

class ReadAudit;
struct Exchange;

// Remembers which question a query string asks, so that a request that repeats one is neither parsed nor
// compiled again. A question is remembered for one generation, endpoint and tenant: a reload, a new snapshot
// or a rollback forgets all of them. Owned by the port. Each I/O thread has its own part, so there is no
// lock; at most kSlots questions of at most kMostBytes each, where a new one takes the place of an old one.
class RepeatedQueries {
 public:
  static constexpr std::size_t kSlots = 1024;
  static constexpr std::size_t kMostBytes = 2048;  // with the query string

  struct Known {
    std::string question;     // its key (serving::Question)
    std::int64_t offset = 0;  // of the page
  };

  // Requires: `audit` lives longer.
  RepeatedQueries(std::size_t io_threads, const ReadAudit& audit) : audit_(audit), readers_(io_threads) {}

  // Returns whether the query string alone, with endpoint and tenant, decides which question the request asks
  // and whether it is valid. False for recorded reads, because a record needs the names of the params.
  // Requires: the format stage has run.
  [[nodiscard]] bool applies(const Exchange& exchange) const;

  // Returns what the request asks; null if it is not known. Valid until the next call of keep() on the same
  // thread. Requires: applies(), and the thread of the request.
  [[nodiscard]] const Known* find(const Exchange& exchange);
  // Remembers what the request asks. Requires the same, and that the params stage has accepted the request.
  void keep(const Exchange& exchange, std::string_view question);

 private:
  struct Slot {
    std::size_t hash = 0;
    std::string query;  // with all that the question depends on; empty: none
    Known known;
  };
  struct Reader {
    std::string query;  // of the current request
    std::vector<Slot> slots;
  };

  // Returns the slot of the request, and writes what identifies its query into the reader.
  static Slot& slot_of(Reader& reader, const Exchange& exchange, std::size_t& hash);

  const ReadAudit& audit_;
  std::vector<Reader> readers_;
};

}  // namespace offloader::api
