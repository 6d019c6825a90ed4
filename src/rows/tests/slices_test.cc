#include "offloader/rows/slices.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

namespace offloader::rows {
namespace {

// What a batch has in a row.
std::string text_of(const Batch& batch, std::size_t row) {
  std::string out;
  for (const Column& column : batch.columns) {
    if (column.is_null(row)) {
      out += "null;";
    } else if (column.kind == Kind::int32) {
      out += std::to_string(column.at<std::int32_t>(row)) + ";";
    } else {
      out += std::string(column.at<std::string_view>(row)) + ";";
    }
  }
  return out;
}

class Slices : public ::testing::Test {
 protected:
  // Makes a batch of a number and a text, each null here and there.
  Batch batch_of(const std::vector<std::string>& texts) {
    texts_.assign(texts.begin(), texts.end());
    std::mt19937_64 random(7);
    for (std::size_t i = 0; i < texts.size(); ++i) numbers_.push_back(static_cast<std::int32_t>(i));
    for (auto& words : validity_) {
      words.resize(kBatchRows / 64);
      for (auto& word : words) word = random() | random();
    }
    columns_[0] = {.kind = Kind::int32, .values = numbers_.data(), .validity = validity_[0].data()};
    columns_[1] = {.kind = Kind::text, .values = texts_.data(), .validity = validity_[1].data()};
    return {.columns = columns_, .rows = texts.size()};
  }
  // Returns the rows of all slices, after checks of each.
  static std::vector<std::string> sliced(const Batch& batch, std::size_t most, std::size_t& slices) {
    std::vector<std::string> out;
    slices = 0;
    bool ended = false;
    EXPECT_TRUE(for_each_slice(batch, most, [&](const Batch& slice, bool last) -> Result<void> {
      EXPECT_FALSE(ended);
      ended = last;
      ++slices;
      std::size_t bytes = 0;
      for (std::size_t row = 0; row < slice.rows; ++row) {
        out.push_back(text_of(slice, row));
        if (!slice.columns[1].is_null(row)) bytes += slice.columns[1].at<std::string_view>(row).size();
      }
      EXPECT_TRUE(bytes <= most || slice.rows == 1) << bytes;
      return {};
    }));
    EXPECT_TRUE(ended);
    return out;
  }
  static std::vector<std::string> whole(const Batch& batch) {
    std::vector<std::string> out;
    for (std::size_t row = 0; row < batch.rows; ++row) out.push_back(text_of(batch, row));
    return out;
  }

  std::vector<std::string_view> texts_;
  std::vector<std::int32_t> numbers_;
  std::array<std::vector<std::uint64_t>, 2> validity_;
  std::array<Column, 2> columns_;
};

TEST_F(Slices, Texts_FitTogether_AreTheBatch) {
  const std::vector<std::string> texts(kBatchRows, "some text");
  const Batch batch = batch_of(texts);
  std::size_t slices = 0;
  EXPECT_EQ(sliced(batch, 1 << 20, slices), whole(batch));
  EXPECT_EQ(slices, 1U);
}

TEST_F(Slices, Texts_AreLarge_AreCutAnywhere) {
  std::vector<std::string> texts;
  std::mt19937 random(11);
  for (std::size_t i = 0; i < kBatchRows; ++i)
    texts.emplace_back(random() % 300, static_cast<char>('a' + i % 26));
  const Batch batch = batch_of(texts);
  std::size_t slices = 0;
  EXPECT_EQ(sliced(batch, 1000, slices), whole(batch));
  EXPECT_GT(slices, 100U);
}

TEST_F(Slices, OneText_IsLarger_HasASliceOfItsOwn) {
  std::vector<std::string> texts(100, "x");
  texts[70] = std::string(5000, 'y');
  const Batch batch = batch_of(texts);
  std::size_t slices = 0;
  EXPECT_EQ(sliced(batch, 50, slices), whole(batch));
}

TEST_F(Slices, Visit_Fails_EndsThere) {
  const std::vector<std::string> texts(100, "0123456789");
  const Batch batch = batch_of(texts);
  int visits = 0;
  EXPECT_FALSE(for_each_slice(batch, 50, [&](const Batch&, bool) -> Result<void> {
    ++visits;
    return fail(ErrorCode::cancelled, "the client is gone");
  }));
  EXPECT_EQ(visits, 1);
}

TEST_F(Slices, NoRows_IsOneSlice) {
  std::size_t slices = 0;
  EXPECT_TRUE(sliced(batch_of({}), 50, slices).empty());
  EXPECT_EQ(slices, 1U);
}

}  // namespace
}  // namespace offloader::rows
