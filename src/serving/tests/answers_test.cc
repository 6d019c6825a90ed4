// Coalescing: concurrent identical requests share one query and its outcome, an answer or a failure.

#include "offloader/serving/answers.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "offloader/executor/testing/fake_executor.h"

namespace offloader::serving {
namespace {

using executor::testing::FakeExecutor;

class AnswersTest : public ::testing::Test {
 protected:
  // What the callback of one request received.
  struct Told {
    std::optional<FetchOutcome> outcome;
    bool first = false;
    [[nodiscard]] std::string text() const { return outcome && *outcome ? (*outcome)->answer->prefix() : ""; }
    [[nodiscard]] ErrorCode code() const {
      return outcome && !*outcome ? outcome->error().code : ErrorCode::internal;
    }
  };

  std::shared_ptr<Told> ask(const std::string& key, bool cache = true,
                            std::shared_ptr<CancelFlag> gone = nullptr) {
    auto told = std::make_shared<Told>();
    answers_.fetch({key, {"endpoint", "snapshot"}}, {}, nullptr, {cache, 0, std::move(gone)},
                   [told](const FetchOutcome& outcome, bool first) {
                     EXPECT_FALSE(told->outcome) << "told twice";
                     told->outcome = outcome;
                     told->first = first;
                   });
    return told;
  }

  FakeExecutor executor_;
  ResponseCache cache_{{.max_entries = 100, .max_bytes = 1 << 20}, 1};
  Answers answers_{executor_, cache_, sha256("key")};
};

TEST_F(AnswersTest, Fetch_AThousandIdenticalMisses_RunOneQueryAndShareItsAnswer) {
  std::vector<std::shared_ptr<Told>> all;
  for (int i = 0; i < 1000; ++i) all.push_back(ask("q"));
  EXPECT_EQ(executor_.queries(), 1U);
  executor_.answer(0, std::string("1"));
  int firsts = 0;
  for (const auto& told : all) {
    EXPECT_EQ(told->text(), R"({"data":[{"n":1}],"meta":)");
    EXPECT_EQ((*told->outcome)->answer, (*all[0]->outcome)->answer) << "one body, not copies";
    firsts += told->first ? 1 : 0;
  }
  EXPECT_EQ(firsts, 1) << "one of them stands for the query in metrics and logs";
}

TEST_F(AnswersTest, Fetch_QueryFails_NamesThePartThatRanIt) {
  const auto told = ask("q");
  executor_.answer(0, fail(ErrorCode::timeout, "The query took too long."));
  EXPECT_EQ(told->code(), ErrorCode::timeout);
  EXPECT_EQ(told->outcome->error().by, "fake");
}

TEST_F(AnswersTest, Fetch_DifferentQuestions_RunSeparateQueries) {
  ask("a");
  ask("b");
  EXPECT_EQ(executor_.queries(), 2U);
}

TEST_F(AnswersTest, Fetch_PlanWithTotals_KeepsThemWithThePage) {
  query::Plan plan;
  plan.total_rows = true;
  plan.totals = std::make_shared<query::PlanShape>();
  const Question question{"q", {"endpoint", "snapshot"}};
  answers_.fetch(question, plan, nullptr, {true, 0, nullptr}, [](const FetchOutcome&, bool) {});
  executor_.answer(0, std::string("7"));
  const auto kept = answers_.find(0, question.key);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->totals().rows, 1);
  EXPECT_EQ(kept->totals().grand, R"({"n":7})");
  ask("other");
  executor_.answer(1, std::string("1"));
  EXPECT_FALSE(answers_.find(0, "other")->totals().rows);
  EXPECT_EQ(answers_.find(0, "other")->totals().grand, "");
}

TEST_F(AnswersTest, Fetch_WithoutACache_SharesTheQueryAndCachesNothing) {
  const auto one = ask("q", false);
  const auto two = ask("q", false);
  EXPECT_EQ(executor_.queries(), 1U);
  executor_.answer(0, std::string("1"));
  EXPECT_EQ(one->text(), two->text());
  EXPECT_EQ(cache_.entries(), 0U);
  ask("q", false);
  EXPECT_EQ(executor_.queries(), 2U);
}

// Makes writers of Parquet that write nothing.
class BlockingWriters final : public rows::WriterMaker {
 public:
  Result<std::unique_ptr<rows::Writer>> make(rows::Format format,
                                             rows::WriterOptions options) const override {
    class Blocking final : public rows::Writer {
     public:
      bool may_block() const override { return true; }
      Result<void> begin(const rows::Columns&) override { return {}; }
      Result<void> write(const rows::Batch&) override { return {}; }
      Result<void> finish() override { return {}; }
      rows::Page take() override { return {}; }
    };
    if (format != rows::Format::parquet) return rows::TextWriters().make(format, std::move(options));
    return std::make_unique<Blocking>();
  }
};

TEST_F(AnswersTest, AnswerAtOnce_WriterThatMayBlock_LeavesItToFetch) {
  Answers answers(executor_, cache_, sha256("key"), nullptr, std::make_shared<BlockingWriters>());
  executor_.answer_all_at_once([] { return std::string("2"); });
  EXPECT_FALSE(answers.answer_at_once({"q", {"e", "s"}, rows::Format::parquet}, {}, nullptr));
  EXPECT_TRUE(answers.answer_at_once({"q", {"e", "s"}, rows::Format::csv}, {}, nullptr));
}

TEST_F(AnswersTest, Fetch_FormatWithoutWriter_FailsWithoutAQuery) {
  const Question question{"q", {"endpoint", "snapshot"}, rows::Format::parquet};
  std::optional<FetchOutcome> told;
  answers_.fetch(question, {}, nullptr, {}, [&](const FetchOutcome& outcome, bool) { told = outcome; });
  ASSERT_TRUE(told);
  EXPECT_EQ(told->error().code, ErrorCode::internal);
  EXPECT_EQ(executor_.queries(), 0U);
}

TEST_F(AnswersTest, AnswerAtOnce_ImmediateQuery_NeedsNoFetch) {
  const Question question{"q", {"endpoint", "snapshot"}};
  EXPECT_FALSE(answers_.answer_at_once(question, {}, nullptr)) << "this one is for a query";
  executor_.answer_all_at_once([] { return std::string("2"); });
  const auto outcome = answers_.answer_at_once(question, {}, nullptr);
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ((*outcome)->answer->prefix(), R"({"data":[{"n":2}],"meta":)");
  EXPECT_EQ((*outcome)->answer->tag(), answers_.tag(question));
  EXPECT_FALSE((*outcome)->cached);
  EXPECT_EQ(cache_.entries(), 0U);
  EXPECT_EQ(executor_.queries(), 0U);
  executor_.answer_all_at_once([] { return fail(ErrorCode::internal, "no"); });
  const auto failed = answers_.answer_at_once(question, {}, nullptr);
  ASSERT_TRUE(failed && !*failed);
  EXPECT_EQ(failed->error().code, ErrorCode::internal);
}

TEST_F(AnswersTest, Fetch_QueryFails_SharesTheFailureAndDoesNotCacheIt) {
  const auto one = ask("q");
  const auto two = ask("q");
  executor_.answer(0, fail(ErrorCode::timeout, "The query took too long."));
  EXPECT_EQ(one->code(), ErrorCode::timeout);
  EXPECT_EQ(two->code(), ErrorCode::timeout);
  EXPECT_EQ(cache_.entries(), 0U);
  ask("q");
  EXPECT_EQ(executor_.queries(), 2U) << "who asks next gets a try of its own";
}

TEST_F(AnswersTest, Fetch_LastWaiterLeaves_CancelsTheQuery) {
  const auto first_gone = std::make_shared<CancelFlag>();
  const auto second_gone = std::make_shared<CancelFlag>();
  const auto first = ask("q", true, first_gone);
  const auto second = ask("q", true, second_gone);
  first_gone->cancel();
  EXPECT_EQ(first->code(), ErrorCode::cancelled) << "told at once, though the query goes on";
  EXPECT_FALSE(executor_.cancelled(0)) << "somebody still waits";
  EXPECT_FALSE(second->outcome);
  second_gone->cancel();
  EXPECT_TRUE(executor_.cancelled(0));
}

TEST_F(AnswersTest, Fetch_FirstWaiterLeaves_OthersGetTheAnswer) {
  const auto gone = std::make_shared<CancelFlag>();
  ask("q", true, gone);
  const auto stays = ask("q");
  gone->cancel();
  executor_.answer(0, std::string("1"));
  EXPECT_EQ(stays->text(), R"({"data":[{"n":1}],"meta":)");
  EXPECT_TRUE(stays->first);
}

TEST_F(AnswersTest, Fetch_QueryIsBeingCancelled_StartsANewOne) {
  const auto gone = std::make_shared<CancelFlag>();
  ask("q", true, gone);
  gone->cancel();
  const auto next = ask("q");
  EXPECT_EQ(executor_.queries(), 2U);
  executor_.answer(0, fail(ErrorCode::cancelled, "cancelled"));
  EXPECT_FALSE(next->outcome) << "the old query's end is not the new one's";
  executor_.answer(1, std::string("2"));
  EXPECT_EQ(next->text(), R"({"data":[{"n":2}],"meta":)");
}

TEST_F(AnswersTest, Fetch_ClientAlreadyGone_LeavesNoQueryRunning) {
  const auto gone = std::make_shared<CancelFlag>();
  gone->cancel();
  const auto told = ask("q", true, gone);
  EXPECT_EQ(told->code(), ErrorCode::cancelled);
  EXPECT_TRUE(executor_.queries() == 0 || executor_.cancelled(0));
}

TEST_F(AnswersTest, Fetch_AnsweredSinceTheCacheLookup_RunsNoQuery) {
  ask("q");
  executor_.answer(0, std::string("1"));
  const auto late = ask("q");
  EXPECT_EQ(executor_.queries(), 1U);
  EXPECT_EQ(late->text(), R"({"data":[{"n":1}],"meta":)");
  EXPECT_TRUE((*late->outcome)->cached);
}

TEST_F(AnswersTest, Tag_DependsOnTheKeyAndTheQuestion) {
  const Answers other(executor_, cache_, sha256("another key"));
  const Question question{"q", {"e", "s"}};
  EXPECT_EQ(answers_.tag(question), answers_.tag({"q", {"e", "s"}}));
  EXPECT_NE(answers_.tag(question), answers_.tag({"r", {"e", "s"}}));
  EXPECT_NE(answers_.tag(question), other.tag(question));
}

TEST_F(AnswersTest, Fetch_ClientsComeAndGoOnManyThreads_EachIsCalledBackOnce) {
  std::vector<std::thread> clients;
  std::atomic<int> told{0};
  for (int t = 0; t < 4; ++t) {
    clients.emplace_back([this, t, &told] {
      for (int i = 0; i < 500; ++i) {
        const auto gone = std::make_shared<CancelFlag>();
        answers_.fetch({std::to_string(i % 3), {"e", "s"}}, {}, nullptr, {false, 0, gone},
                       [&told](const Result<Fetched>&, bool) { told.fetch_add(1); });
        if ((i + t) % 2 == 0) gone->cancel();
      }
    });
  }
  for (auto& client : clients) client.join();
  for (std::size_t i = 0; i < executor_.queries(); ++i)
    executor_.answer(i, fail(ErrorCode::cancelled, "the end"));
  EXPECT_EQ(told.load(), 2000);
}

}  // namespace
}  // namespace offloader::serving
