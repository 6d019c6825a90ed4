#include "compress_stage.h"

#include <gtest/gtest.h>

#include "tests/api_scene.h"

namespace offloader::api {
namespace {

using serving::CachedAnswer;
using serving::CountedText;
using serving::Encoding;

// The cache may have had no room for the form when it was made, or its client was gone when it was done.
TEST(CompressStage, Run_FormIsNotInTheCacheYet_MovesItThere) {
  const auto memory = std::make_shared<ByteBudget>(1U << 20);
  serving::ResponseCache cache({}, 1);
  const auto answer = std::make_shared<const CachedAnswer>(std::string(5000, 'x'), 1, false, "tag");
  cache.insert("key", {"e", "s"}, answer, cache.epoch());
  auto form = std::make_unique<CachedAnswer::Compressed>();
  form->counted = std::make_shared<const CountedText>(std::string(100, 'z'), ByteHold(memory));
  answer->keep(Encoding::gzip, std::move(form));
  ASSERT_EQ(memory->used(), 100U);
  const std::size_t before = cache.bytes();

  Compressor compressor({});
  const CompressStage stage(compressor, cache, memory, real_clock(), [](Exchange&) {});
  const FakeRequest request("/");
  const std::shared_ptr<CancelFlag> gone;
  Exchange exchange(request, http::Responder(std::make_shared<FakeSink>(std::make_shared<FakeAnswer>())),
                    gone);
  exchange.encoding = Encoding::gzip;
  exchange.answer = answer;
  exchange.cache_key = "key";
  const auto step = stage.run(exchange);
  ASSERT_TRUE(step);
  EXPECT_EQ(*step, Step::next);
  EXPECT_EQ(memory->used(), 0U);
  EXPECT_GE(cache.bytes(), before + 100);
}

}  // namespace
}  // namespace offloader::api
