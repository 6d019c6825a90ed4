#include <algorithm>

#include "conformance_scene.h"

// The lifecycle of snapshots: load, attach, verify, recover, quarantine, drop.
namespace offloader::executor::testing {
namespace {

constexpr const char* kTwoRows = "id,name\n1,a\n2,b\n";

void what_is_made_is_attached_and_sound(Scene& scene) {
  double told = -1;
  auto request = scene.load("s1.b1", kTwoRows, 2);
  request.progress = [&](double done) {
    EXPECT_GE(done, told) << "progress went back";
    told = done;
  };
  const auto made = scene.executor->materialize(request);
  ASSERT_TRUE(made) << made.error().error.message << made.error().error.detail;
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(made->handle.empty());
  EXPECT_GT(made->bytes, 0U);
  EXPECT_TRUE(scene.executor->verify(scene.dataset.id, Scene::stored(*made), {}));
  const auto attached = scene.attach(*made);
  ASSERT_TRUE(attached) << attached.error().detail;
  EXPECT_FALSE((*attached)->remote());
  EXPECT_FALSE((*attached)->fingerprint().empty());
  EXPECT_TRUE(scene.executor->healthy());
  EXPECT_FALSE(scene.executor->name().empty());
  EXPECT_FALSE(scene.executor->version().empty());
  EXPECT_FALSE(scene.executor->parts().empty());
}

void what_another_checksum_has_is_corrupt(Scene& scene) {
  const auto made = scene.materialize("s1.b1", kTwoRows);
  ASSERT_TRUE(made);
  auto stored = Scene::stored(*made);
  if (stored.checksum.empty()) return;
  stored.checksum.front() = stored.checksum.front() == '0' ? '1' : '0';
  const auto verified = scene.executor->verify(scene.dataset.id, stored, {});
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, ErrorCode::corrupt);
}

void two_snapshots_have_ids_of_their_own(Scene& scene) {
  const auto first = scene.materialize("s1.b1", kTwoRows);
  const auto second = scene.materialize("s2.b2", kTwoRows);
  ASSERT_TRUE(first && second);
  const auto a = scene.attach(*first);
  const auto b = scene.attach(*second);
  ASSERT_TRUE(a && b);
  EXPECT_NE((*a)->id(), (*b)->id());
}

void a_cancelled_load_leaves_nothing(Scene& scene) {
  auto request = scene.load("s1.b1", kTwoRows);
  request.cancel->cancel();
  const auto made = scene.executor->materialize(request);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().error.code, ErrorCode::cancelled);
  EXPECT_TRUE(made.error().findings.empty()) << "it is no verdict on the data";
  EXPECT_FALSE(scene.executor->attach({.handle = "s1.b1"}, scene.dataset));
}

void a_dropped_snapshot_is_gone(Scene& scene) {
  const auto made = scene.materialize("s1.b1", kTwoRows);
  ASSERT_TRUE(made);
  scene.executor->drop(scene.dataset.id, made->handle);
  EXPECT_FALSE(scene.attach(*made));
  scene.executor->drop(scene.dataset.id, made->handle);
  EXPECT_EQ(scene.recover({Scene::stored(*made)}), std::vector{Found::missing});
}

void the_next_start_finds_what_is_known_and_deletes_the_rest(Scene& scene) {
  const auto known = scene.materialize("s1.b1", kTwoRows);
  const auto unknown = scene.materialize("s2.b2", kTwoRows);
  ASSERT_TRUE(known && unknown);
  scene.reopen();
  EXPECT_EQ(scene.recover({Scene::stored(*known), {.handle = "s9.b9", .bytes = 1}}),
            (std::vector{Found::sound, Found::missing}));
  EXPECT_TRUE(scene.attach(*known));
  EXPECT_FALSE(scene.attach(*unknown));
}

void a_snapshot_that_was_set_aside_serves_no_more(Scene& scene) {
  const auto made = scene.materialize("s1.b1", kTwoRows);
  ASSERT_TRUE(made);
  scene.executor->set_aside(scene.dataset.id, made->handle);
  EXPECT_FALSE(scene.attach(*made));
  EXPECT_EQ(scene.recover({Scene::stored(*made)}), std::vector{Found::missing});
}

void a_retired_snapshot_is_deleted_when_its_last_reader_is_gone(Scene& scene) {
  const auto made = scene.materialize("s1.b1", kTwoRows);
  ASSERT_TRUE(made);
  auto reader = scene.attach(*made);
  ASSERT_TRUE(reader);
  SnapshotPtr other = *reader;
  other->retire();
  other->retire();
  reader->reset();
  EXPECT_TRUE(scene.executor->verify(scene.dataset.id, Scene::stored(*made), {})) << "it has a reader";
  other.reset();
  scene.executor->stop();
  scene.reopen();
  EXPECT_EQ(scene.recover({Scene::stored(*made)}), std::vector{Found::missing});
}

}  // namespace

void register_lifecycle(const Subject& subject) {
  register_test(subject, "WhatIsMade_IsAttachedAndSound", what_is_made_is_attached_and_sound);
  register_test(subject, "WithAnotherChecksum_IsCorrupt", what_another_checksum_has_is_corrupt);
  register_test(subject, "TwoSnapshots_HaveIdsOfTheirOwn", two_snapshots_have_ids_of_their_own);
  register_test(subject, "ACancelledLoad_LeavesNothing", a_cancelled_load_leaves_nothing);
  register_test(subject, "ADroppedSnapshot_IsGone", a_dropped_snapshot_is_gone);
  register_test(subject, "TheNextStart_FindsWhatIsKnown_AndDeletesTheRest",
                the_next_start_finds_what_is_known_and_deletes_the_rest);
  register_test(subject, "ASnapshotThatWasSetAside_ServesNoMore",
                a_snapshot_that_was_set_aside_serves_no_more);
  register_test(subject, "ARetiredSnapshot_IsDeletedWhenItsLastReaderIsGone",
                a_retired_snapshot_is_deleted_when_its_last_reader_is_gone);
}

}  // namespace offloader::executor::testing
