// Cursors that were not made by this server for this request do not open. Ten thousand tries; a million with
// OFFLOADER_SOAK. The seed is printed; OFFLOADER_PROPERTY_SEED repeats one.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <set>

#include "offloader/base/base64url.h"
#include "page_cursor.h"

namespace offloader::api {
namespace {

class SoakCursorForgery : public ::testing::Test {
 protected:
  SoakCursorForgery() {
    const char* const given = std::getenv("OFFLOADER_PROPERTY_SEED");
    const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    random_.seed(seed);
    for (const char* const endpoint : {"orders", "orders2", "rows"}) {
      for (const char* const tenant : {"a", "b", "ab"}) {
        for (const query::Params& params : std::vector<query::Params>{
                 {}, {{"kind", "x"}}, {{"kind", "y"}}, {{"kin", "dx"}}, {{"kind", "x"}, {"size", "1"}}})
          bindings_.push_back(query::cursor_binding(endpoint, catalog::Tenant(std::string(tenant)), params));
      }
      bindings_.push_back(query::cursor_binding(endpoint, std::nullopt, {}));
      bindings_.push_back(query::cursor_binding(endpoint, catalog::Tenant(std::int64_t{1}), {}));
    }
    for (std::size_t i = 0; i < 200; ++i) {
      const std::size_t binding = below(bindings_.size());
      made_.push_back({to_base64url(seal_->close(encode(random_cursor()), bindings_[binding])), binding});
      known_.insert({made_.back().text, binding});
    }
  }

  struct Made {
    std::string text;
    std::size_t binding;  // of bindings_
  };

  std::size_t below(std::size_t end) { return static_cast<std::size_t>(random_() % end); }

  query::Cursor random_cursor() {
    query::Cursor cursor;
    cursor.contract = std::string(32, static_cast<char>(below(256)));
    cursor.snapshot = "snapshot " + std::to_string(below(3));
    cursor.position = below(1000);
    cursor.equal = below(5);
    for (std::size_t i = below(5); i > 0; --i) {
      if (below(2) == 0) {
        cursor.keys.emplace_back(static_cast<std::int64_t>(below(100)));
      } else {
        cursor.keys.emplace_back(std::string(below(60), 'k'));
      }
    }
    return cursor;
  }

  std::string random_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(below(256));
    return bytes;
  }

  // The bytes of a cursor, with something changed.
  std::string forged_bytes(const std::string& bytes) {
    std::string out = bytes;
    switch (below(7)) {
      case 0:
        for (std::size_t flips = 1 + below(3); flips > 0; --flips)
          out[below(out.size())] ^= static_cast<char>(1 << below(8));
        return out;
      case 1:
        return out.substr(0, below(out.size()));
      case 2:
        return out.substr(1 + below(out.size() - 1));
      case 3:
        return out + random_bytes(1 + below(20));
      case 4:
        return random_bytes(1 + below(8)) + out;
      case 5: {
        // The nonce, text or tag of another one.
        const std::string other = *from_base64url(made_[below(made_.size())].text);
        const std::size_t cut =
            below(2) == 0 ? Seal::kNonce : std::min(other.size(), out.size()) - Seal::kTag;
        if (below(2) == 0) return other.substr(0, cut) + out.substr(cut);
        return out.substr(0, out.size() - Seal::kTag) + other.substr(other.size() - Seal::kTag);
      }
      default:
        return random_bytes(below(120));
    }
  }

  // The text of a cursor, with something changed.
  std::string forged_text(const std::string& text) {
    static constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. ";
    std::string out = text;
    const std::string& other = made_[below(made_.size())].text;
    switch (below(6)) {
      case 0:
        out[below(out.size())] = kDigits[below(kDigits.size())];
        return out;
      case 1:
        out.back() = kDigits[below(kDigits.size())];  // may have bits that stand for nothing
        return out;
      case 2:
        return out.substr(0, below(out.size()));
      case 3:
        return out + kDigits[below(kDigits.size())];
      case 4:
        return out.substr(0, below(out.size())) + other.substr(below(other.size()));
      default:
        std::swap(out[below(out.size())], out[below(out.size())]);
        return out;
    }
  }

  std::mt19937_64 random_;
  const std::shared_ptr<const Seal> seal_ = std::make_shared<Seal>(std::string(32, 'k'), "cursor");
  const Cursors cursors_{seal_};
  std::vector<std::string> bindings_;
  std::vector<Made> made_;
  std::set<std::pair<std::string, std::size_t>> known_;
};

TEST_F(SoakCursorForgery, Open_ForgedCursors_OpensNone) {
  for (const Made& made : made_) ASSERT_TRUE(cursors_.open(made.text, bindings_[made.binding]));
  const std::shared_ptr<const Seal> strangers[] = {
      std::make_shared<Seal>(std::string(32, 'l'), "cursor"),
      std::make_shared<Seal>(std::string(32, 'k'), "etag"),
      std::make_shared<Seal>(std::string(31, 'k'), "cursor"),
  };
  const int tries = std::getenv("OFFLOADER_SOAK") != nullptr ? 1'000'000 : 10'000;
  int tried = 0;
  while (tried < tries) {
    Made forged = made_[below(made_.size())];
    switch (below(5)) {
      case 0:  // another tenant's, endpoint's or params'
        forged.binding = below(bindings_.size());
        break;
      case 1:
        forged.text =
            to_base64url(strangers[below(3)]->close(encode(random_cursor()), bindings_[forged.binding]));
        break;
      case 2:
        forged.text = forged_text(forged.text);
        break;
      default:
        forged.text = to_base64url(forged_bytes(*from_base64url(forged.text)));
        break;
    }
    if (known_.contains({forged.text, forged.binding})) continue;
    ++tried;
    ASSERT_FALSE(cursors_.open(forged.text, bindings_[forged.binding])) << forged.text;
  }
}

TEST_F(SoakCursorForgery, Open_SealedTextThatIsNoCursor_OpensNone) {
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = encode(random_cursor());
    if (below(2) == 0) {
      bytes.resize(below(bytes.size()));
    } else {
      bytes += random_bytes(1 + below(3));
    }
    ASSERT_FALSE(cursors_.open(to_base64url(seal_->close(bytes, bindings_[0])), bindings_[0]));
  }
}

TEST_F(SoakCursorForgery, Open_TextPastTheGreatestLength_OpensNone) {
  query::Cursor cursor;
  cursor.snapshot = std::string(Cursors::kMostText, 's');
  EXPECT_FALSE(cursors_.open(to_base64url(seal_->close(encode(cursor), bindings_[0])), bindings_[0]));
  cursor.snapshot.resize(Cursors::kMostText / 4 * 3 - 100);
  EXPECT_EQ(cursors_.open(to_base64url(seal_->close(encode(cursor), bindings_[0])), bindings_[0]), cursor);
}

}  // namespace
}  // namespace offloader::api
