#include "offloader/duckdb/thread_budget.h"

#include <gtest/gtest.h>

namespace offloader::duckdb {
namespace {

TEST(ThreadBudget, Loan_FromASharedBudget_TakesAtMostHalfAndReturnsIt) {
  ThreadBudget budget(8);
  {
    const ThreadBudget::Loan first(&budget, 7);
    const ThreadBudget::Loan second(&budget, 7);
    const ThreadBudget::Loan third(&budget, 7);
    const ThreadBudget::Loan fourth(&budget, 7);
    EXPECT_EQ(first.threads(), 4);
    EXPECT_EQ(second.threads(), 2);
    EXPECT_EQ(third.threads(), 1);
    EXPECT_EQ(fourth.threads(), 0) << "and does without";
  }
  EXPECT_EQ(ThreadBudget::Loan(&budget, 3).threads(), 3);
  EXPECT_EQ(ThreadBudget::Loan(nullptr, 3).threads(), 0);
}

}  // namespace
}  // namespace offloader::duckdb
