#include "registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace offloader::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Registry, Exposition_CounterAndGauge_ShowLabelsAndValues) {
  const auto metrics = make_registry();
  metrics->counter("offloader_things_total", "Things.", {{"kind", "a"}}).add(3);
  metrics->gauge("offloader_level", "Level.").set(1.5);
  const std::string text = metrics->exposition();
  EXPECT_THAT(text, HasSubstr("# TYPE offloader_things_total counter"));
  EXPECT_THAT(text, HasSubstr("offloader_things_total{kind=\"a\"} 3"));
  EXPECT_THAT(text, HasSubstr("offloader_level 1.5"));
  EXPECT_THAT(text, HasSubstr("process_resident_memory_bytes"));
}

TEST(Registry, Exposition_Histogram_HasCumulativeBuckets) {
  const auto metrics = make_registry();
  Histogram& histogram = metrics->histogram("offloader_wait_seconds", "Wait.");
  histogram.observe(0.0002);
  histogram.observe(0.2);
  histogram.observe(100);
  const std::string text = metrics->exposition();
  EXPECT_THAT(text, HasSubstr("offloader_wait_seconds_bucket{le=\"0.00025\"} 1"));
  EXPECT_THAT(text, HasSubstr("offloader_wait_seconds_bucket{le=\"0.25\"} 2"));
  EXPECT_THAT(text, HasSubstr("offloader_wait_seconds_bucket{le=\"+Inf\"} 3"));
  EXPECT_THAT(text, HasSubstr("offloader_wait_seconds_count 3"));
}

TEST(Registry, Remove_Gauge_IsHiddenUntilRequestedAgain) {
  const auto metrics = make_registry();
  Gauge& kept = metrics->gauge("offloader_rows", "Rows.", {{"dataset", "gone"}});
  metrics->remove("dataset", "gone");
  kept.set(5);  // a request in flight may still hold the reference
  EXPECT_THAT(metrics->exposition(), Not(HasSubstr("dataset=\"gone\"")));
  metrics->gauge("offloader_rows", "Rows.", {{"dataset", "gone"}}).set(6);
  EXPECT_THAT(metrics->exposition(), HasSubstr("offloader_rows{dataset=\"gone\"} 6"));
}

TEST(Registry, OnCollect_TokenDestroyed_StopsRunning) {
  const auto metrics = make_registry();
  int runs = 0;
  {
    const auto token = metrics->on_collect([&] { ++runs; });
    static_cast<void>(metrics->exposition());
    static_cast<void>(metrics->exposition());
  }
  static_cast<void>(metrics->exposition());
  EXPECT_EQ(runs, 2);
}

TEST(Registry, Add_FromSeveralThreads_LosesNoCount) {
  const auto metrics = make_registry();
  Counter& counter = metrics->counter("offloader_hits_total", "Hits.");
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 10000; ++j) counter.add();
      });
    }
  }
  EXPECT_EQ(counter.value(), 40000U);
}

}  // namespace
}  // namespace offloader::telemetry
