#include "head_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "offloader/base/file.h"
#include "offloader/base/hash_text.h"

namespace offloader::audit {
namespace {

// One line as the log has it, of fixed width: it is overwritten in place.
constexpr std::size_t kDigits = 20;
constexpr std::size_t kHexDigits = 64;
constexpr std::size_t kBytes = kDigits + 1 + kHexDigits + 1;

}  // namespace

HeadFile::HeadFile(const std::string& path) {
  if (!path.empty()) {
    file_.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
                       static_cast<unsigned>(FileMode::cache)));
  }
}

Head HeadFile::load() const {
  std::string text(kBytes, '\0');
  if (!file_.valid() || ::pread(file_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(kBytes))
    return {};
  const auto hmac = sha256_of_hex(std::string_view(text).substr(kDigits + 1, kHexDigits));
  if (!hmac || text[kDigits] != ' ' || text.back() != '\n' || text.find_first_not_of("0123456789") != kDigits)
    return {};
  return {std::strtoull(text.c_str(), nullptr, 10), *hmac};
}

void HeadFile::save(const Head& head) const {
  if (!file_.valid()) return;
  const std::string number = std::to_string(head.seq);
  const std::string text =
      std::string(kDigits - number.size(), '0') + number + " " + to_hex(head.hmac) + "\n";
  static_cast<void>(write_all_at(file_.get(), text.data(), text.size(), 0));
}

}  // namespace offloader::audit
