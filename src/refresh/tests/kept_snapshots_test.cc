// Files that cannot be read or opened at a start, for a reason that may pass, are kept for a later start.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "world.h"

namespace offloader::refresh {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class KeptSnapshots : public testing::Test {
 protected:
  KeptSnapshots() { world_.options.refresh_interval = std::chrono::seconds(0); }

  // Stops with s2 serving and s1 as the previous snapshot, and removes the manifest.
  void serve_and_stop() {
    world_.start_with_previous("orders");
    world_.await_active("orders", "s2");
    world_.stop();
    fs::rename(manifest(), away());
  }
  fs::path manifest() const { return world_.project_folder() / "orders.json"; }
  fs::path away() const { return world_.project_folder() / "away.json"; }
  fs::path folder() const { return world_.cache() / "datasets" / "orders"; }

  // Replaces the file by a socket, which cannot be opened, like any file when no descriptors are left.
  void hide(const std::string& name) const {
    fs::rename(folder() / name, world_.cache() / "tmp" / name);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_GE(socket, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const fs::path bound = fs::temp_directory_path() / random_hex(8);  // socket addresses must be short
    ASSERT_LT(bound.string().size(), sizeof address.sun_path);
    bound.string().copy(address.sun_path, bound.string().size());
    EXPECT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(socket);
    fs::rename(bound, folder() / name);
  }
  void show(const std::string& name) const {
    fs::remove(folder() / name);
    fs::rename(world_.cache() / "tmp" / name, folder() / name);
  }
  std::string record_of(const std::string& snapshot) const {
    for (const std::string& name : world_.files("orders", ".json")) {
      if (name.starts_with(snapshot + ".")) return name;
    }
    return {};
  }
  World world_{project_of({"orders"})};
};

TEST_F(KeptSnapshots, Start_AttachingFailed_ServesTheFileAtALaterStart) {
  serve_and_stop();
  for (const ErrorCode code : {ErrorCode::no_space, ErrorCode::unavailable, ErrorCode::busy}) {
    world_.executor.fail_attaching(Error{code, "not now", {}});
    world_.start();
    EXPECT_EQ(world_.served("orders"), "not ready");
    world_.stop();
    world_.executor.fail_attaching(std::nullopt);
    EXPECT_THAT(world_.files("orders", ".corrupt"), IsEmpty());
    world_.start();
    EXPECT_EQ(world_.served("orders"), "s2");
    EXPECT_EQ(world_.status("orders").previous->snapshot_id, "s1");
    world_.stop();
  }
}

TEST_F(KeptSnapshots, Refresh_AfterAttachingFailed_RemovesTheOldFiles) {
  serve_and_stop();
  fs::rename(away(), manifest());
  world_.executor.fail_attaching(Error{ErrorCode::unavailable, "not now", {}});
  world_.start();
  EXPECT_THAT(world_.log.lines_with("Cannot open a snapshot file"), SizeIs(2));
  world_.await([&] { return world_.status("orders").last_attempted.has_value(); });
  EXPECT_THAT(world_.files("orders", ".duckdb"), SizeIs(2));
  world_.executor.fail_attaching(std::nullopt);
  world_.force("orders");
  world_.await_active("orders", "s2");
  EXPECT_THAT(world_.files("orders", ".duckdb"), SizeIs(1));
}

TEST_F(KeptSnapshots, Start_FileDamaged_IsSetAside) {
  serve_and_stop();
  world_.executor.fail_attaching(Error{ErrorCode::corrupt, "damaged", {}});
  world_.start();
  EXPECT_EQ(world_.served("orders"), "not ready");
  EXPECT_THAT(world_.files("orders", ".corrupt"), Not(IsEmpty()));
}

TEST_F(KeptSnapshots, Recover_StateOrRecordUnreadable_LeavesEverything) {
  serve_and_stop();
  for (const std::string& name : {std::string("state.json"), record_of("s2"), record_of("s1")}) {
    SCOPED_TRACE(name);
    {
      const auto opened = CacheFolder::open(world_.cache());
      ASSERT_TRUE(opened);
      hide(name);
      EXPECT_TRUE(opened->recover("orders", world_.executor).incomplete);
      show(name);
    }
    world_.start();
    EXPECT_EQ(world_.served("orders"), "s2");
    EXPECT_EQ(world_.status("orders").previous->snapshot_id, "s1");
    world_.stop();
  }
}

TEST_F(KeptSnapshots, Start_ActiveRecordUnreadable_KeepsItForALaterStart) {
  serve_and_stop();
  const std::string name = record_of("s2");
  fs::create_directories(world_.cache() / "config");
  const fs::path kept = world_.cache() / "config" / name;
  hide(name);
  fs::rename(world_.cache() / "tmp" / name, kept);  // a start empties tmp/
  world_.start();
  EXPECT_EQ(world_.served("orders"), "s1");
  world_.stop();
  fs::rename(kept, world_.cache() / "tmp" / name);
  show(name);
  world_.start();
  EXPECT_EQ(world_.served("orders"), "s2");
}

}  // namespace
}  // namespace offloader::refresh
