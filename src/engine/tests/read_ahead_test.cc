#include "read_ahead.h"

#include <string>

#include "remote_scene.h"

namespace offloader::engine {
namespace {

class ReadAheadTest : public RemoteScene {};

// The watch raises the flag from another thread, so that the flag must be there for as long as it does.
TEST_F(ReadAheadTest, TheFlagOfATransfer_OutlivesTheWatchOverIt) {
  const auto file = upload(write("a.csv", "n\n7\n"));
  const auto pinned = PinnedFiles::open(store_, {file}, {policy(), nullptr}, {});
  ASSERT_TRUE(pinned);
  int waits = 0;
  bool outlived = true;
  const auto watch = [&](CancelFlag& cancel) {
    ++waits;
    // The flag's action goes with the flag.
    auto alive = std::make_shared<int>(0);
    const std::weak_ptr<int> flag = alive;
    cancel.on_cancel([alive = std::move(alive)] {});
    return std::shared_ptr<void>(nullptr, [&outlived, flag](void*) {
      if (flag.expired()) outlived = false;
    });
  };
  ReadAhead ahead(**pinned, (*pinned)->pinned()[0], watch);
  std::string text(4, '\0');
  const auto read = ahead.read(text.data(), text.size());
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(text, "n\n7\n");
  EXPECT_EQ(waits, 1);
  EXPECT_TRUE(outlived);
}

}  // namespace
}  // namespace offloader::engine
