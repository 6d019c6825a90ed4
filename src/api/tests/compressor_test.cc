// The compressor is fair, meets its deadlines, and works only for requests that still wait.

#include "compressor.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <random>
#include <thread>

#include "compression.h"

namespace offloader::api {
namespace {

using serving::CachedAnswer;
using serving::Encoding;
using std::chrono::milliseconds;

constexpr std::size_t kLarge = 4U << 20;  // takes several slices to compress
constexpr std::size_t kSmall = 64U << 10;

std::shared_ptr<const CachedAnswer> answer_of(std::size_t bytes, ByteHold room = {}) {
  static const std::string source = [] {
    std::mt19937_64 random(5);
    std::string text;
    while (text.size() < kLarge) text += R"({"id":)" + std::to_string(random()) + "},";
    return text;
  }();
  return std::make_shared<const CachedAnswer>(source.substr(0, bytes), 1, false, "t", std::move(room));
}

// Records the callbacks in order, and whether each answer had its compressed form by then.
class Told {
 public:
  Compressor::Request request(const std::string& name, std::shared_ptr<const CachedAnswer> answer,
                              std::uint64_t fairness_class = 0, std::shared_ptr<CancelFlag> gone = nullptr) {
    return {answer, Encoding::gzip, fairness_class, std::move(gone), [this, name, answer] {
              const std::lock_guard lock(mutex_);
              told_.push_back(name + (answer->compressed(Encoding::gzip) != nullptr ? "" : " as it is"));
              changed_.notify_all();
            }};
  }
  // A small answer whose callback holds the compressor's thread until release(): the first one until the
  // first call, the second one until the second call.
  Compressor::Request holding(const std::string& name, std::uint64_t fairness_class) {
    auto request = this->request(name, answer_of(kSmall), fairness_class);
    request.done = [this, turn = ++held_, done = std::move(request.done)] {
      done();
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, kPatience, [&] { return released_ >= turn; });
    };
    return request;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    ++released_;
    changed_.notify_all();
  }
  std::vector<std::string> await(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPatience, [&] { return told_.size() >= count; });
    return told_;
  }

 private:
  static constexpr std::chrono::minutes kPatience{2};

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> told_;
  int held_ = 0;  // used only by the test's thread
  int released_ = 0;
};

Compressor::Options patient() {
  return {.small = 128U << 10, .deadline = std::chrono::minutes(2)};
}

// Options with which no answer is compressed between slices of another.
Compressor::Options one_at_a_time() {
  auto options = patient();
  options.small = 0;
  return options;
}

using Names = std::vector<std::string>;

TEST(Compressor, Submit_SmallAnswer_DoesNotWaitForLargeOnes) {
  Told told;
  Compressor compressor(patient());
  ASSERT_TRUE(compressor.submit(told.holding("held", 2)));
  ASSERT_EQ(told.await(1), (Names{"held"}));
  for (const char* name : {"large", "larger"})
    ASSERT_TRUE(compressor.submit(told.request(name, answer_of(kLarge), 1)));
  ASSERT_TRUE(compressor.submit(told.request("small", answer_of(kSmall), 2)));
  told.release();
  EXPECT_EQ(told.await(4), (Names{"held", "small", "large", "larger"}));
}

TEST(Compressor, Submit_SameClass_CompressesSmallerAnswersFirst) {
  Told told;
  Compressor compressor(one_at_a_time());
  ASSERT_TRUE(compressor.submit(told.holding("held", 1)));
  ASSERT_EQ(told.await(1), (Names{"held"}));
  ASSERT_TRUE(compressor.submit(told.request("larger", answer_of(kLarge / 4), 1)));
  ASSERT_TRUE(compressor.submit(told.request("smaller", answer_of(kLarge / 8), 1)));
  told.release();
  EXPECT_EQ(told.await(3), (Names{"held", "smaller", "larger"}));
}

TEST(Compressor, Submit_SeveralClasses_TakeTurns) {
  Told told;
  Compressor compressor(one_at_a_time());
  ASSERT_TRUE(compressor.submit(told.holding("held", 3)));
  ASSERT_EQ(told.await(1), (Names{"held"}));
  for (const char* name : {"flood 1", "flood 2", "flood 3"})
    ASSERT_TRUE(compressor.submit(told.request(name, answer_of(kLarge / 4), 1)));
  ASSERT_TRUE(compressor.submit(told.request("other", answer_of(kLarge / 4), 2)));
  told.release();
  EXPECT_EQ(told.await(5), (Names{"held", "flood 1", "other", "flood 2", "flood 3"}));
}

TEST(Compressor, Submit_PastItsDeadline_CallsBackUncompressed) {
  Told told;
  Compressor compressor({.deadline = milliseconds(1)});
  for (int i = 0; i < 4; ++i)
    ASSERT_TRUE(compressor.submit(told.request(std::to_string(i), answer_of(kLarge / 2))));
  for (const std::string& one : told.await(4)) EXPECT_TRUE(one.ends_with(" as it is")) << one;
}

TEST(Compressor, Submit_ClientGoesAway_CancelsOnlyItsOwnAnswer) {
  Told told;
  const auto gone = std::make_shared<CancelFlag>();
  Compressor compressor(patient());
  const auto left = answer_of(kLarge);
  ASSERT_TRUE(compressor.submit(told.holding("held", 2)));
  ASSERT_EQ(told.await(1), (Names{"held"}));
  // "left" has the next turn, and the small answer is compressed after its first slice.
  ASSERT_TRUE(compressor.submit(told.request("left", left, 1, gone)));
  ASSERT_TRUE(compressor.submit(told.holding("held in between", 2)));
  told.release();
  ASSERT_EQ(told.await(2).back(), "held in between");
  ASSERT_TRUE(compressor.submit(told.request("stays", answer_of(kLarge / 4), 1)));
  gone->cancel();
  told.release();
  EXPECT_EQ(told.await(4), (Names{"held", "held in between", "left as it is", "stays"}));
  EXPECT_EQ(left->compressed(Encoding::gzip), nullptr) << "it was given up in the middle";
}

TEST(Compressor, Submit_SameAnswerTwice_CompressesItOnce) {
  Told told;
  const auto gone = std::make_shared<CancelFlag>();
  Compressor compressor(patient());
  const auto answer = answer_of(kLarge);
  ASSERT_TRUE(compressor.submit(told.holding("held", 2)));
  ASSERT_EQ(told.await(1), (Names{"held"}));
  ASSERT_TRUE(compressor.submit(told.request("first", answer, 1, gone)));
  ASSERT_TRUE(compressor.submit(told.holding("held in between", 2)));
  told.release();
  ASSERT_EQ(told.await(2).back(), "held in between");
  ASSERT_TRUE(compressor.submit(told.request("second", answer, 2)));
  gone->cancel();
  told.release();
  EXPECT_EQ(told.await(4), (Names{"held", "held in between", "first as it is", "second"}));
}

TEST(Compressor, Submit_QueueFull_SharesItAmongClasses) {
  Told told;
  auto options = patient();
  options.max_bytes = kLarge;
  Compressor compressor(options);
  ASSERT_TRUE(compressor.submit(told.holding("held", 1)));
  ASSERT_EQ(told.await(1), (Names{"held"}));
  for (const char* name : {"one", "two", "three"})
    ASSERT_TRUE(compressor.submit(told.request(name, answer_of(kLarge / 2), 1)));
  EXPECT_EQ(told.await(2), (Names{"held", "three as it is"})) << "no place";
  ASSERT_TRUE(compressor.submit(told.request("other", answer_of(kLarge / 2), 2)));
  // A class takes no room from another one if its answer is larger than all that the other has queued.
  ASSERT_TRUE(compressor.submit(told.request("greedy", answer_of(kLarge / 4 * 3), 3)));
  told.release();
  EXPECT_EQ(told.await(6),
            (Names{"held", "three as it is", "two as it is", "greedy as it is", "other", "one"}));
}

TEST(Compressor, Compress_CountsItsBuffersAndReleasesThem) {
  const auto memory = std::make_shared<ByteBudget>(8U << 20);
  auto options = patient();
  options.memory = memory;
  Told told;
  {
    Compressor compressor(options);
    ByteHold others(memory);
    ASSERT_TRUE(others.try_resize(27U << 18));  // leaves only the eighth that is reserved for small answers
    ASSERT_TRUE(compressor.submit(told.request("refused", answer_of(kLarge / 4))));
    EXPECT_EQ(told.await(1), (Names{"refused as it is"}));
    others.resize(0);
    const auto answer = answer_of(kLarge / 4);
    ASSERT_TRUE(compressor.submit(told.request("made", answer)));
    EXPECT_EQ(told.await(2).back(), "made");
    EXPECT_GE(memory->used(), answer->compressed(Encoding::gzip)->bytes().size()) << "its form is kept";
  }
  EXPECT_TRUE(memory->used() == 0U);
}

TEST(Compressor, EnsureCompressed_SmallAnswer_IsCountedAndFitsBesideLargeOnes) {
  const auto memory = std::make_shared<ByteBudget>(8U << 20);
  for (const Encoding encoding : {Encoding::gzip, Encoding::zstd}) {
    ByteHold others(memory);
    ASSERT_TRUE(others.try_resize(7U << 20));
    const std::size_t before = memory->used();
    {
      const auto answer = answer_of(kCompressInline);
      const auto* made = ensure_compressed(*answer, encoding, memory);
      ASSERT_NE(made, nullptr) << "all but an eighth is taken";
      EXPECT_GE(memory->used(), before + made->bytes().size());
    }
    EXPECT_EQ(memory->used(), before);
    others.resize(memory->limit());
    EXPECT_EQ(ensure_compressed(*answer_of(kCompressInline), encoding, memory), nullptr) << "all is taken";
  }
}

TEST(Compressor, Destructor_CallsBackWaitingRequests) {
  Told told;
  {
    Compressor compressor(patient());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(compressor.submit(told.request("x", answer_of(kLarge / 2))));
  }
  EXPECT_EQ(told.await(3).size(), 3U);
}

}  // namespace
}  // namespace offloader::api
