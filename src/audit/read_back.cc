#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "chain.h"
#include "offloader/base/descriptor.h"
#include "ring.h"

namespace offloader::audit {
namespace {

constexpr std::uint64_t kBlock = 64U << 10;
constexpr std::uint64_t kMostRead = 16U << 20;

// Takes the lines of a file, the last one first.
class Collector {
 public:
  Collector(std::uint64_t before, const PageQuery& query, Page& page)
      : before_(before), query_(query), page_(page) {}

  // Returns false once the page is full.
  [[nodiscard]] bool take(std::string_view text) {
    const auto line = parse_line(text);
    if (!line || line->seq >= before_) return true;
    before_ = line->seq;
    if (!query_.event.empty() && member_of(text, "event") != query_.event) return true;
    page_.lines.emplace_back(text);
    return page_.lines.size() < query_.limit;
  }

  // Notes that there may be older lines.
  void stop() { page_.next_before = before_ > 1 ? before_ : 0; }

 private:
  std::uint64_t before_;
  const PageQuery& query_;
  Page& page_;
};

}  // namespace

void read_back(const std::string& path, std::uint64_t before, const PageQuery& query, Page& page) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat found {};
  if (!file.valid() || ::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode)) return;
  const auto size = static_cast<std::uint64_t>(found.st_size);
  Collector collector(before, query, page);
  std::string text;    // of which the lines from `end` on have been taken
  bool ended = false;  // a line break was found: what follows the last one is no line
  for (std::uint64_t left = size; left > 0;) {
    if (size - left >= kMostRead) return collector.stop();
    std::string block(std::min(left, kBlock), '\0');
    left -= block.size();
    if (::pread(file.get(), block.data(), block.size(), static_cast<off_t>(left)) !=
        static_cast<ssize_t>(block.size()))
      return;
    text.insert(0, block);
    for (std::size_t at = 0; (at = text.rfind('\n')) != std::string::npos; text.resize(at)) {
      if (std::exchange(ended, true) && !collector.take(std::string_view(text).substr(at + 1)))
        return collector.stop();
    }
    if (text.size() > kMostLine) text.clear();  // no line of ours
  }
  if (ended && !collector.take(text)) collector.stop();
}

}  // namespace offloader::audit
