#include "offloader/audit/verify.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "chain.h"
#include "offloader/base/descriptor.h"
#include "seal_key.h"

namespace offloader::audit {
namespace {

constexpr std::size_t kBlock = 256U << 10;

std::string lines_text(std::uint64_t first, std::uint64_t last) {
  if (first == last) return "line seq " + std::to_string(first) + " is";
  return "lines seq " + std::to_string(first) + " to " + std::to_string(last) + " are";
}

// Follows the chain over the lines of all files.
class Follower {
 public:
  explicit Follower(const Sha256& key) : key_(key) {}

  void begin_file(const std::string& file) {
    file_ = file;
    line_ = 0;
  }

  // Returns false once the chain is broken.
  [[nodiscard]] bool take(std::string_view text) {
    ++line_;
    const auto line = parse_line(text);
    if (line && accept(*line)) return true;
    if (torn_) return broken_at(torn_->line, torn_->message);
    const std::string message = reason(line ? &*line : nullptr);
    // A crash leaves such a line. Then the next one says so.
    const bool may_be_torn = head_ ? begins_line(text, head_->seq + 1) : begins_some_line(text);
    if (!may_be_torn) return broken_at(line_, message);
    torn_ = Torn{line_, message, text.size(), to_hex(sha256(text))};
    return true;
  }

  // Takes what follows the last line break of a file. `last`: of the last file.
  [[nodiscard]] bool end_file(std::string_view unended, bool last) {
    if (torn_) return broken_at(torn_->line, torn_->message);
    if (unended.empty()) return true;
    ++line_;
    const bool begins = head_ ? begins_line(unended, head_->seq + 1) : begins_some_line(unended);
    if (head_ && !may_be_part(unended, *head_, key_))
      return broken_at(line_, "the line break after the last line is missing, or the line was changed");
    if (!begins) return broken_at(line_, "the text is not a line of the log");
    if (!last) return broken_at(line_, "the line is torn, and no line after it says so");
    verdict_.torn_bytes = unended.size();
    return true;
  }

  [[nodiscard]] Verdict finish(std::uint64_t last_seq) && {
    if (!verdict_.broken && verdict_.last_seq < last_seq) {
      broken_at(line_ + 1, lines_text(verdict_.last_seq + 1, last_seq) + " missing at the end");
    }
    return std::move(verdict_);
  }

 private:
  struct Torn {
    std::uint64_t line = 0;
    std::string message;
    std::size_t bytes = 0;
    std::string digest;
  };

  // Accepts the line if it follows the last one, or begins the first file.
  bool accept(const Line& line) {
    const auto before = head_ ? head_ : start_of(line);
    if (!before || !line.follows(*before, key_)) return false;
    if (torn_told_by(line) != (torn_ ? std::string_view(torn_->digest) : std::string_view())) return false;
    torn_.reset();
    head_ = line.head();
    if (verdict_.lines++ == 0) verdict_.first_seq = line.seq;
    verdict_.last_seq = line.seq;
    return true;
  }

  // Returns the digest of the torn line that this one says to be before it; empty if it says nothing of one.
  [[nodiscard]] static std::string_view torn_told_by(const Line& line) {
    return member_of(line.sealed, "event") == kOpened ? member_of(line.sealed, "torn_sha256")
                                                      : std::string_view();
  }

  [[nodiscard]] std::string reason(const Line* line) const {
    if (line == nullptr)
      return "the line was changed or added: it does not have the form of a line of the log";
    if (const auto before = head_ ? head_ : start_of(*line); before && line->follows(*before, key_))
      return "the torn line before it was removed";
    if (!head_) {
      return start_of(*line) ? "the line was changed, or was written with another secret"
                             : "the lines before it are missing: no log begins with it";
    }
    const std::uint64_t next = head_->seq + 1;
    if (line->seq > next) {
      return "before it, " + lines_text(next, line->seq - 1) +
             " missing: they were removed, moved or never written";
    }
    if (line->seq < next && start_of(*line))
      return "a new log begins here: the lines since seq " + std::to_string(head_->seq) + " are lost";
    if (line->seq < next)
      return "seq " + std::to_string(line->seq) + " is out of order: the line was added or moved";
    return "seq " + std::to_string(line->seq) + " was changed, added, or written with another secret";
  }

  bool broken_at(std::uint64_t line, std::string message) {
    verdict_.broken = Break{file_, line, std::move(message)};
    return false;
  }

  const Sha256 key_;
  std::optional<Head> head_;  // of the last line; unset before the first
  std::optional<Torn> torn_;  // a line that only the next one can explain
  Verdict verdict_;
  std::string file_;
  std::uint64_t line_ = 0;
};

// Passes the lines of a file on. Returns false once the chain is broken.
Result<bool> follow_file(const std::string& path, bool last, Follower& follower) {
  // O_NONBLOCK, or opening a FIFO would wait for a writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) {
    return fail(errno == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable,
                "cannot open " + path + ": " + std::strerror(errno));
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !(S_ISREG(status.st_mode) || S_ISCHR(status.st_mode)))
    return fail(ErrorCode::unavailable, "cannot read " + path + ": it is not a file");
  follower.begin_file(path);
  std::string text;
  for (std::string block(kBlock, '\0');;) {
    const ssize_t got = read_some(file.get(), block.data(), block.size());
    if (got < 0) return fail(ErrorCode::unavailable, "cannot read " + path + ": " + std::strerror(errno));
    if (got == 0) break;
    text.append(block, 0, static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
      if (!follower.take(std::string_view(text).substr(begin, end - begin))) return false;
    }
    text.erase(0, begin);
    // Too long for a line, so it has not the form of one.
    if (text.size() > kMostLine) return follower.take(text) && follower.end_file({}, last);
  }
  return follower.end_file(text, last);
}

}  // namespace

Result<Verdict> verify(const std::vector<std::string>& files, std::string_view secret,
                       std::uint64_t last_seq) {
  Follower follower(seal_key(secret));
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto whole = follow_file(files[i], i + 1 == files.size(), follower);
    if (!whole) return fail(whole.error());
    if (!*whole) break;
  }
  return std::move(follower).finish(last_seq);
}

}  // namespace offloader::audit
