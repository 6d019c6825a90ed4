#include "publisher.h"

#include <gmock/gmock.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "world.h"

namespace offloader::refresh {
namespace {

class PublisherTest : public ::testing::Test {
 protected:
  void SetUp() override { publisher_.adopt(catalog_, {{"orders", {}}, {"users", {}}}); }
  static Offer ready(const std::string& snapshot) {
    auto served = std::make_shared<serving::ServedSnapshot>();
    served->snapshot_id = snapshot;
    return {.fit = Fit::ready, .snapshots = {.local = served, .remote = nullptr}};
  }
  std::string served(const std::string& dataset) const {
    const auto generation = publication_.latest();
    const auto found = generation->snapshots.find(dataset);
    return found == generation->snapshots.end() ? "nothing" : found->second.local->snapshot_id;
  }

  std::shared_ptr<const catalog::Catalog> catalog_ =
      std::make_shared<catalog::Catalog>(project_of({"orders", "users"}));
  serving::Publication publication_{0, serving::starting_generation()};
  Publisher publisher_{publication_, catalog_};
};

TEST_F(PublisherTest, Offer_ProjectDataset_IsPublishedOnReturn) {
  publisher_.offer("orders", ready("s1"));
  EXPECT_EQ(served("orders"), "s1");
  EXPECT_EQ(served("users"), "nothing");
  publisher_.offer("users", ready("u1"));
  EXPECT_EQ(served("orders"), "s1") << "and the others stay";
  EXPECT_EQ(served("users"), "u1");
}

TEST_F(PublisherTest, Offer_UnknownDataset_IsIgnored) {
  const auto number = publication_.latest()->number;
  publisher_.offer("gone", ready("g1"));
  EXPECT_EQ(publication_.latest()->number, number);
}

TEST_F(PublisherTest, Adopt_NewProject_ChangesContractAndDataInOneGeneration) {
  publisher_.offer("orders", ready("s1"));
  const auto before = publication_.latest()->number;
  publisher_.adopt(std::make_shared<catalog::Catalog>(project_of({"orders"}, "v2")),
                   {{"orders", ready("s2")}});
  EXPECT_EQ(publication_.latest()->number, before + 1);
  EXPECT_EQ(publication_.latest()->catalog->config_version, "v2");
  EXPECT_EQ(served("orders"), "s2");
  EXPECT_FALSE(publication_.latest()->endpoints.contains("users"));
}

TEST_F(PublisherTest, Offer_TwoThreads_ArePublishedAndShareGenerations) {
  constexpr int kRounds = 200;
  const auto before = publication_.latest()->number;
  std::atomic<int> wrong{0};
  const auto offer_all = [&](const std::string& dataset) {
    for (int i = 0; i < kRounds; ++i) {
      const std::string snapshot = dataset + std::to_string(i);
      publisher_.offer(dataset, ready(snapshot));
      if (served(dataset) != snapshot) ++wrong;
    }
  };
  std::thread other([&] { offer_all("users"); });
  offer_all("orders");
  other.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(publication_.latest()->number - before, std::uint64_t{2 * kRounds});
}

TEST_F(PublisherTest, CatchUp_OfferThrew_PublishesIt) {
  std::atomic<bool> throws{true};
  publication_.set_nudge([&] {
    if (throws.exchange(false)) throw std::bad_alloc();
  });
  EXPECT_THROW(publisher_.offer("orders", ready("s1")), std::bad_alloc);
  const auto number = publication_.latest()->number;
  publisher_.catch_up();
  EXPECT_EQ(publication_.latest()->number, number + 1);
  EXPECT_EQ(served("orders"), "s1");
  publisher_.catch_up();
  EXPECT_EQ(publication_.latest()->number, number + 1) << "there is nothing more to do";
}

}  // namespace
}  // namespace offloader::refresh
