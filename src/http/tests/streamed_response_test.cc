// Responses whose bodies are sent while they are produced.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <thread>

#include "tests/test_server.h"

namespace offloader::http::test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using State = BodyStream::State;

const std::string kGet = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kGetTrailers = "GET /x HTTP/1.1\r\nHost: a\r\nTE: deflate;q=0.5, Trailers\r\n\r\n";

// Runs a producer on its own thread for each request.
class Producers {
 public:
  using Produce = std::function<void(BodyStream stream, const CancelFlag& gone)>;

  explicit Producers(Produce produce) : produce_(std::move(produce)) {}
  ~Producers() {
    for (auto& thread : threads_) thread.join();
  }

  Handler handler() {
    return [this](const Request&, Responder responder, const std::shared_ptr<CancelFlag>& gone) {
      Response head;
      head.headers = "content-type: text/csv\r\ntrailer: X-Rows\r\n";
      threads_.emplace_back([this, gone, stream = std::move(responder).stream(std::move(head))]() mutable {
        produce_(std::move(stream), *gone);
      });
    };
  }

 private:
  Produce produce_;
  std::vector<std::thread> threads_;
};

TEST(StreamedResponse, Write_SendsChunks_AndFinishSendsTheLastOne) {
  Producers producers([](BodyStream stream, const CancelFlag&) {
    EXPECT_EQ(stream.write("first,"), State::ready);
    EXPECT_EQ(stream.write(""), State::ready);
    EXPECT_EQ(stream.write("second piece"), State::ready);
    std::move(stream).finish();
  });
  TestServer server(producers.handler());
  RawClient client(server.server->port());
  client.send(kGet);
  ASSERT_TRUE(client.read_text("\r\n0\r\n\r\n"));
  EXPECT_THAT(client.received(), HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_THAT(client.received(), Not(HasSubstr("Content-Length")));
  EXPECT_THAT(client.received(), EndsWith("\r\n\r\n6\r\nfirst,\r\nc\r\nsecond piece\r\n0\r\n\r\n"));
  client.send(kGet);
  EXPECT_TRUE(client.read_until([](const std::string& all) {
    return occurrences(all, "\r\n0\r\n\r\n") == 2;
  })) << "the connection is kept";
}

TEST(StreamedResponse, Finish_Trailers_AreSentOnlyIfTheClientAskedForThem) {
  for (const auto& [request, wanted] : {std::pair(kGetTrailers, true), std::pair(kGet, false)}) {
    Producers producers([](BodyStream stream, const CancelFlag&) {
      stream.write("rows");
      std::move(stream).finish("X-Rows: 7\r\n");
    });
    TestServer server(producers.handler());
    RawClient client(server.server->port());
    client.send(request);
    ASSERT_TRUE(client.read_text(wanted ? "\r\n0\r\nX-Rows: 7\r\n\r\n" : "\r\n0\r\n\r\n"));
    EXPECT_EQ(client.received().find("X-Rows: 7") != std::string::npos, wanted);
  }
}

TEST(StreamedResponse, Write_Http10Client_EndsTheBodyWithTheConnection) {
  Producers producers([](BodyStream stream, const CancelFlag&) {
    stream.write("one ");
    stream.write("two");
    std::move(stream).finish("X-Rows: 2\r\n");
  });
  TestServer server(producers.handler());
  RawClient client(server.server->port());
  client.send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(client.read_to_end());
  EXPECT_THAT(client.received(), EndsWith("\r\nConnection: close\r\n\r\none two"));
  EXPECT_THAT(client.received(), Not(HasSubstr("chunked")));
}

TEST(StreamedResponse, Write_HeadRequest_SendsNoBodyAndStopsTheProducer) {
  std::promise<State> told;
  Producers producers([&](BodyStream stream, const CancelFlag&) {
    while (stream.write(std::string(1000, 'x')) != State::gone) static_cast<void>(stream.wait());
    told.set_value(stream.wait());
  });
  TestServer server(producers.handler());
  RawClient client(server.server->port());
  client.send("HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(client.read_to_end());
  EXPECT_THAT(client.received(), EndsWith("\r\n\r\n"));
  EXPECT_THAT(client.received(), Not(HasSubstr("xxx")));
  EXPECT_EQ(told.get_future().get(), State::gone);
}

// Sends 100 MB to a client that reads nothing at first. The bytes waiting for it stay within the limit.
TEST(StreamedResponse, Write_HundredMegabytesToASlowReader_HoldsABoundedAmount) {
  constexpr std::size_t kPiece = 64U << 10;
  constexpr std::size_t kPieces = 1600;
  std::atomic<std::size_t> written{0};
  std::atomic<std::size_t> most{0};
  Producers producers([&](BodyStream stream, const CancelFlag&) {
    for (std::size_t i = 0; i < kPieces; ++i) {
      const std::string piece(kPiece, static_cast<char>('a' + i % 26));
      const State state = stream.write(piece);
      most = std::max(most.load(), stream.waiting());
      written += kPiece;
      if (state == State::full && stream.wait() == State::gone) return;
    }
    std::move(stream).finish();
  });
  TestServer server(producers.handler());
  RawClient client(server.server->port(), 64 << 10);
  client.send(kGet);
  // The client reads nothing until the producer has to wait.
  ASSERT_TRUE(eventually([&] { return written.load() >= BodyStream::kRoom; }));
  std::size_t before = 0;
  do {
    before = written;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  } while (written != before);
  EXPECT_LT(written.load(), kPiece * kPieces / 4) << "the socket's buffers and ours, no more";
  std::size_t letters = 0;  // not hexadecimal digits, so that only content counts
  const std::string end = "\r\n0\r\n\r\n";
  std::string before_part;  // the last bytes before the part, which may have the beginning of the end
  const auto last_bytes = [&](const std::string& part) {
    return before_part + part.substr(part.size() - std::min(part.size(), end.size()));
  };
  const auto ended = [&](const std::string& part) { return last_bytes(part).ends_with(end); };
  for (bool last = false; !last;) {  // in parts, so that the test does not hold all of it
    ASSERT_TRUE(
        client.read_until([&](const std::string& all) { return all.size() > 1 << 20 || ended(all); }));
    ASSERT_FALSE(client.closed());
    const std::string part = client.take_received();
    last = ended(part);
    before_part = last_bytes(part);
    letters += static_cast<std::size_t>(
        std::count_if(part.begin(), part.end(), [](char c) { return c >= 'g' && c <= 'z'; }));
  }
  EXPECT_LE(most.load(), BodyStream::kRoom + kPiece);
  EXPECT_EQ(written.load(), kPiece * kPieces);
  EXPECT_GE(letters, kPiece * 1228) << "of 1,600 pieces so many are of letters from g on";
}

TEST(StreamedResponse, Write_ClientGoesAway_StopsTheProducer) {
  for (const bool hard : {false, true}) {
    std::promise<bool> ended;
    std::atomic<bool> begun{false};
    Producers producers([&](BodyStream stream, const CancelFlag& gone) {
      State state = State::ready;
      while (state != State::gone) {
        state = stream.write(std::string(1000, 'x'));
        begun = true;
        if (state == State::full) state = stream.wait();
      }
      ended.set_value(gone.cancelled());
    });
    TestServer server(producers.handler());
    auto client = std::make_unique<RawClient>(server.server->port(), 4096);
    client->send(kGet);
    ASSERT_TRUE(eventually([&] { return begun.load(); }));
    hard ? client->reset() : client.reset();
    EXPECT_TRUE(ended.get_future().get());
    EXPECT_TRUE(eventually([&] { return server.server->connections() == 0; }));
  }
}

TEST(StreamedResponse, ClientGoesAway_WhileNothingIsWritten_IsNoticed) {
  std::promise<void> noticed;
  Producers producers([&](BodyStream stream, const CancelFlag& gone) {
    stream.write("a piece");
    ASSERT_TRUE(eventually([&] { return gone.cancelled(); }));
    // The flag is raised before the stream is closed.
    EXPECT_TRUE(eventually([&] { return stream.wait() == State::gone; }));
    EXPECT_EQ(stream.write("another"), State::gone);
    noticed.set_value();
  });
  TestServer server(producers.handler());
  auto client = std::make_unique<RawClient>(server.server->port());
  client->send(kGet);
  ASSERT_TRUE(client->read_text("a piece"));
  client.reset();
  noticed.get_future().get();
}

TEST(StreamedResponse, Write_ClientStalls_ClosesAtItsDeadline) {
  std::promise<State> told;
  Producers producers([&](BodyStream stream, const CancelFlag&) {
    State state = State::ready;
    while (state != State::gone) {
      state = stream.write(std::string(64U << 10, 'x'));
      if (state == State::full) state = stream.wait();
    }
    told.set_value(state);
  });
  ServerOptions options;
  options.limits.response_write = std::chrono::milliseconds(50);
  TestServer server(producers.handler(), options);
  const RawClient client(server.server->port(), 4096);
  RawClient& sends = const_cast<RawClient&>(client);
  sends.send(kGet);
  EXPECT_EQ(told.get_future().get(), State::gone);
  EXPECT_TRUE(eventually([&] { return server.server->connections() == 0; }));
}

TEST(StreamedResponse, Destroy_WithoutFinish_NeverCompletesTheBody) {
  for (const char* version : {"1.1", "1.0"}) {
    Producers producers([](BodyStream stream, const CancelFlag&) {
      stream.write("half of it");
      while (stream.waiting() > 0) std::this_thread::yield();
    });
    TestServer server(producers.handler());
    RawClient client(server.server->port());
    client.send(std::string("GET /x HTTP/") + version + "\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(client.read_to_end());
    if (std::string(version) == "1.0") {
      EXPECT_TRUE(client.was_reset()) << "without chunks an orderly end would complete it";
    } else {
      EXPECT_FALSE(client.was_reset());
      EXPECT_THAT(client.received(), EndsWith("\r\nhalf of it\r\n1\r\n")) << "it ends within a chunk";
    }
  }
}

TEST(StreamedResponse, WhenReady_StreamFull_CallsBackOnceThereIsRoom) {
  struct Producer {
    std::optional<BodyStream> stream;
    std::size_t left = 200;

    static void go_on(const std::shared_ptr<Producer>& self) {
      while (self->left > 0) {
        --self->left;
        const State state = self->stream->write(std::string(64U << 10, 'x'));
        if (state == State::gone) return;
        if (state == State::full) return self->stream->when_ready([self] { go_on(self); });
      }
      std::move(*self->stream).finish();
    }
  };
  TestServer server([](const Request&, Responder responder, const std::shared_ptr<CancelFlag>&) {
    const auto producer = std::make_shared<Producer>();
    producer->stream.emplace(std::move(responder).stream({}));
    Producer::go_on(producer);
  });
  RawClient client(server.server->port());
  client.send(kGet);
  ASSERT_TRUE(client.read_until([](const std::string& all) { return all.ends_with("\r\n0\r\n\r\n"); }));
  EXPECT_GT(client.received().size(), 200U * (64U << 10));
}

TEST(StreamedResponse, Stop_LetsAStreamFinish_AndClosesOneThatDoesNot) {
  for (const bool finishes : {true, false}) {
    std::promise<void> go;
    auto may_go = go.get_future().share();
    Producers producers([&](BodyStream stream, const CancelFlag& gone) {
      stream.write("begun");
      if (finishes) {
        may_go.wait();
        stream.write(" and finished");
        return std::move(stream).finish();
      }
      EXPECT_TRUE(eventually([&] { return gone.cancelled(); }));
      // The flag is raised before the stream is closed.
      EXPECT_TRUE(eventually([&] { return stream.wait() == State::gone; }));
    });
    TestServer server(producers.handler());
    RawClient client(server.server->port());
    client.send(kGet);
    ASSERT_TRUE(client.read_text("begun"));
    auto stopped = std::async(std::launch::async, [&] {
      server.server->stop(finishes ? std::chrono::milliseconds(kPatience) : std::chrono::milliseconds(0));
    });
    if (finishes) go.set_value();
    ASSERT_TRUE(client.read_to_end());
    EXPECT_EQ(client.received().find(" and finished\r\n0\r\n\r\n") != std::string::npos, finishes);
    EXPECT_EQ(client.was_reset(), !finishes);
    stopped.get();
  }
}

}  // namespace
}  // namespace offloader::http::test
