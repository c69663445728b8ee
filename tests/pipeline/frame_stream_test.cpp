// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/frame_stream.hpp>
#include <depthcloud/log.hpp>

#include "expect_error.hpp"

namespace depthcloud {
namespace {

using std::chrono::milliseconds;

/// A processor whose frames are one byte, their number; finish() waits for the test's leave.
class FakeProcessor : public FrameProcessor {
 public:
  enum Special : std::uint8_t {
    bad_decode = 200,
    foreign_decode,
    no_memory,
    bad_finish,
    odd_finish
  };

  DecodedFrame decode(std::span<const std::uint8_t> encoded) const override {
    const std::uint8_t number = encoded[0];
    note([&] {
      ++decodes_[number];
      decode_threads_.insert(std::this_thread::get_id());
    });
    if (number == bad_decode) {
      throw Error(ErrorCode::corrupt_data, Stage::decode, "not a JPEG");
    }
    if (number == foreign_decode) throw std::runtime_error("foreign");
    if (number == no_memory) throw std::bad_alloc();
    return {.image = Image(number + 1, 1), .decode_ms = 3};
  }

  Frame finish(DecodedFrame decoded, const FrameTag& tag) override {
    const int number = decoded.image.width() - 1;
    if (++finishing_ != 1) overlapped_ = true;
    note([&] { started_.insert(number); });
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return open_ || leaves_ > 0; });
      if (!open_) --leaves_;
    }
    --finishing_;
    if (number == bad_finish) throw Error(ErrorCode::out_of_memory, Stage::infer, "GPU is full");
    if (number == odd_finish) throw 5;
    Frame frame;
    frame.tag = tag;
    frame.times[Stage::decode] = decoded.decode_ms;
    return frame;
  }

  /// Lets all frames pass from now on, or one more.
  void open() {
    note([&] { open_ = true; });
  }
  void let_one_pass() {
    note([&] { ++leaves_; });
  }
  void wait_until_started(int number) {
    wait([&] { return started_.count(number) > 0; });
  }
  void wait_until_decoded(int number) {
    wait([&] { return decodes_.count(number) > 0; });
  }
  int decodes(int number) {
    const std::lock_guard lock(mutex_);
    return decodes_.count(number) ? decodes_[number] : 0;
  }
  std::size_t decode_threads() {
    const std::lock_guard lock(mutex_);
    return decode_threads_.size();
  }
  bool overlapped() const { return overlapped_; }

 private:
  template <typename Change>
  void note(Change change) const {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    changed_.notify_all();
  }
  template <typename Condition>
  void wait(Condition condition) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, condition);
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable std::map<int, int> decodes_;
  mutable std::set<std::thread::id> decode_threads_;
  std::set<int> started_;
  int leaves_ = 0;
  bool open_ = false;
  std::atomic<int> finishing_{0};
  std::atomic<bool> overlapped_{false};
};

/// Keeps what comes out of a stream.
class Results {
 public:
  FrameStream::Sink sink() {
    return [this](Frame&& frame) { add(std::to_string(frame.tag.frame_id.value_or(999))); };
  }
  FrameStream::ErrorSink error_sink() {
    return [this](const FrameTag& tag, const Error& error) {
      add(std::to_string(tag.frame_id.value_or(999)) + " " + to_string(error.code()) + " " +
          to_string(error.stage()) + ": " + error.what());
    };
  }
  void add(std::string line) {
    {
      const std::lock_guard lock(mutex_);
      lines_.push_back(std::move(line));
    }
    changed_.notify_all();
  }
  std::vector<std::string> wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return lines_.size() >= count; });
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

OfferResult offer(FrameStream& stream, std::uint8_t number) {
  return stream.offer({number}, {.frame_id = number});
}

}  // namespace

TEST_SUITE_BEGIN("pipeline");

TEST_CASE("stream: frames come out in order with their tags") {
  FakeProcessor processor;
  processor.open();
  Results results;
  std::atomic<double> capture_ts{0};
  FrameStream stream(
      processor,
      [&](Frame&& frame) {
        capture_ts = frame.tag.capture_ts.value_or(-1);
        results.add(std::to_string(*frame.tag.frame_id));
      },
      results.error_sink());
  for (std::uint8_t i = 0; i < 20; ++i) {
    CHECK(stream.offer({i}, {.frame_id = i, .capture_ts = i + 0.5}) == OfferResult::waiting);
    const auto lines = results.wait(i + 1u);
    CHECK(lines.back() == std::to_string(i));
    CHECK(capture_ts == i + 0.5);
    while (stream.counters().in_flight) std::this_thread::yield();
  }
  CHECK(stream.counters() == GateCounters{.offered = 20, .admitted = 20});
}

TEST_CASE("stream: while it is busy the newest frame wins and none piles up") {
  for (const bool decode_ahead : {true, false}) {
    FakeProcessor processor;
    Results results;
    FrameStream stream(processor, results.sink(), results.error_sink(),
                       {.decode_ahead = decode_ahead});
    offer(stream, 0);
    processor.wait_until_started(0);
    CHECK(offer(stream, 1) == OfferResult::waiting);
    for (std::uint8_t i = 2; i <= 50; ++i) CHECK(offer(stream, i) == OfferResult::replaced_older);
    CHECK(stream.counters() ==
          GateCounters{.offered = 51, .admitted = 1, .replaced = 49, .waiting = 1, .in_flight = 1});
    processor.open();
    CHECK(results.wait(2) == std::vector<std::string>{"0", "50"});
  }
}

TEST_CASE("stream: the waiting frame is decoded ahead, once") {
  FakeProcessor processor;
  Results results;
  FrameStream stream(processor, results.sink(), results.error_sink());
  offer(stream, 0);
  processor.wait_until_started(0);
  offer(stream, 1);
  processor.wait_until_decoded(1);  // while finish(0) still runs
  offer(stream, 2);
  processor.wait_until_decoded(2);  // 1 was dropped, decoded as it was
  processor.open();
  CHECK(results.wait(2) == std::vector<std::string>{"0", "2"});
  CHECK(processor.decodes(0) == 1);
  CHECK(processor.decodes(1) == 1);
  CHECK(processor.decodes(2) == 1);
}

TEST_CASE("stream: without decode_ahead a dropped frame costs no decoding") {
  FakeProcessor processor;
  Results results;
  FrameStream stream(processor, results.sink(), results.error_sink(), {.decode_ahead = false});
  offer(stream, 0);
  processor.wait_until_started(0);
  for (std::uint8_t i = 1; i <= 9; ++i) offer(stream, i);
  processor.open();
  CHECK(results.wait(2) == std::vector<std::string>{"0", "9"});
  for (int i = 1; i <= 8; ++i) CHECK(processor.decodes(i) == 0);
  CHECK(processor.decodes(9) == 1);
  CHECK(processor.decode_threads() == 1);
}

TEST_CASE("stream: a failing frame is reported with its tag and the stream goes on") {
  for (const bool decode_ahead : {true, false}) {
    FakeProcessor processor;
    processor.open();
    Results results;
    FrameStream stream(processor, results.sink(), results.error_sink(),
                       {.decode_ahead = decode_ahead});
    std::size_t count = 0;
    const auto result_of = [&](std::uint8_t number) {
      offer(stream, number);
      return results.wait(++count).back();
    };
    CHECK(result_of(FakeProcessor::bad_decode) == "200 corrupt_data decode: not a JPEG");
    CHECK(result_of(FakeProcessor::foreign_decode) ==
          "201 internal control: the frame processor threw: foreign");
    CHECK(result_of(FakeProcessor::no_memory) ==
          "202 out_of_memory control: the frame processor ran out of memory");
    CHECK(result_of(FakeProcessor::bad_finish) == "203 out_of_memory infer: GPU is full");
    CHECK(result_of(FakeProcessor::odd_finish) ==
          "204 internal control: the frame processor threw: not a std::exception");
    CHECK(result_of(1) == "1");
  }
}

TEST_CASE("stream: an error while decoding ahead waits for its turn") {
  FakeProcessor processor;
  Results results;
  FrameStream stream(processor, results.sink(), results.error_sink());
  offer(stream, 0);
  processor.wait_until_started(0);
  offer(stream, FakeProcessor::bad_decode);
  processor.wait_until_decoded(FakeProcessor::bad_decode);
  processor.open();
  CHECK(results.wait(2) == std::vector<std::string>{"0", "200 corrupt_data decode: not a JPEG"});
  CHECK(processor.decodes(FakeProcessor::bad_decode) == 1);
}

TEST_CASE("stream: what a sink throws is reported, what the error sink throws is logged") {
  Results logged;
  set_log_callback([&](LogLevel level, std::string_view line) {
    CHECK(level == LogLevel::warning);
    logged.add(std::string(line));
  });
  FakeProcessor processor;
  processor.open();
  Results results;
  {
    FrameStream stream(
        processor,
        [](Frame&& frame) {
          if (*frame.tag.frame_id == 1) throw Error(ErrorCode::io, Stage::file, "disk is full");
          throw 1;
        },
        [&](const FrameTag& tag, const Error& error) {
          results.error_sink()(tag, error);
          if (*tag.frame_id == 3) throw std::runtime_error("cannot report");
          if (*tag.frame_id == 4) throw 2;
        });
    for (std::uint8_t i = 1; i <= 4; ++i) {
      offer(stream, i);
      results.wait(i);
    }
  }
  set_log_callback(nullptr);
  CHECK(results.wait(4) ==
        std::vector<std::string>{"1 internal control: the sink threw: disk is full",
                                 "2 internal control: the sink threw: not a std::exception",
                                 "3 internal control: the sink threw: not a std::exception",
                                 "4 internal control: the sink threw: not a std::exception"});
  CHECK(logged.wait(2) == std::vector<std::string>{"cannot report", "the error sink threw"});
}

TEST_CASE("stream: the options of its gate hold") {
  FakeProcessor processor;
  Results results;
  // Read by the stream's thread too; it does not move while that thread may look.
  std::atomic<Clock::time_point> time{Clock::time_point(std::chrono::hours(1))};
  StreamOptions options;
  options.gate = {.policy = GatePolicy::skip_while_busy,
                  .max_fps = 10,
                  .max_age = milliseconds(500),
                  .now = [&] { return time.load(); }};
  FrameStream stream(processor, results.sink(), results.error_sink(), options);

  offer(stream, 0);
  processor.wait_until_started(0);
  time = time.load() + milliseconds(100);
  CHECK(offer(stream, 1) == OfferResult::skipped);  // busy
  processor.open();
  results.wait(1);
  while (stream.counters().in_flight) std::this_thread::yield();
  CHECK(offer(stream, 2) == OfferResult::waiting);
  results.wait(2);
  while (stream.counters().in_flight) std::this_thread::yield();
  CHECK(offer(stream, 3) == OfferResult::skipped);  // too soon
  time = time.load() + milliseconds(100);
  stream.offer({4}, {}, time.load() - milliseconds(501));
  while (stream.counters().expired == 0) std::this_thread::yield();
  CHECK(stream.counters() == GateCounters{.offered = 5, .admitted = 2, .skipped = 2, .expired = 1});
}

TEST_CASE("stream: stop() from a sink ends it; later offers are skipped") {
  FakeProcessor processor;
  Results results;
  FrameStream* self = nullptr;
  FrameStream stream(
      processor,
      [&](Frame&& frame) {
        self->stop();
        self->stop();
        results.add(std::to_string(*frame.tag.frame_id));
      },
      results.error_sink());
  self = &stream;
  offer(stream, 1);
  processor.wait_until_started(1);
  offer(stream, 2);
  processor.open();
  CHECK(results.wait(1) == std::vector<std::string>{"1"});
  CHECK(offer(stream, 3) == OfferResult::skipped);
  while (stream.counters().in_flight) std::this_thread::yield();
  CHECK(stream.counters() == GateCounters{.offered = 3, .admitted = 1, .skipped = 1, .expired = 1});
}

TEST_CASE("stream: destruction finishes the frame in flight") {
  FakeProcessor processor;
  Results results;
  std::thread leave;
  {
    FrameStream stream(processor, results.sink(), results.error_sink());
    offer(stream, 0);
    processor.wait_until_started(0);
    offer(stream, 1);
    leave = std::thread([&] { processor.open(); });
  }
  leave.join();
  CHECK(results.wait(1).front() == "0");
}

TEST_CASE("stream: wrong arguments are named") {
  FakeProcessor processor;
  const auto sink = [](Frame&&) {};
  const auto error_sink = [](const FrameTag&, const Error&) {};
  CHECK(error_of([&] { FrameStream stream(processor, nullptr, error_sink); }) ==
        "invalid_argument control: a frame stream needs a sink: the function that receives its "
        "frames is empty");
  CHECK(contains(error_of([&] {
                   FrameStream stream(processor, sink, error_sink, {.gate = {.max_in_flight = 0}});
                 }),
                 "max_in_flight is 0"));
}

TEST_CASE("stream: without an error sink, errors go to the log") {
  std::mutex mutex;
  std::vector<std::string> logged;
  set_log_callback([&](LogLevel level, std::string_view line) {
    const std::lock_guard lock(mutex);
    if (level == LogLevel::warning) logged.emplace_back(line);
  });
  {
    FakeProcessor processor;
    processor.open();
    FrameStream stream(
        processor, [](Frame&&) {}, nullptr);
    offer(stream, FakeProcessor::bad_decode);
    while (stream.counters().in_flight + stream.counters().waiting > 0) std::this_thread::yield();
  }
  set_log_callback(nullptr);
  CHECK(logged == std::vector<std::string>{"a frame failed in the stage decode: not a JPEG"});
}

namespace {

/// Pixels that a test lends, and how often each came back. Frame i is i + 1 pixels wide.
class Lender {
 public:
  RawFrame frame(int number) {
    const std::lock_guard lock(mutex_);
    returned_.try_emplace(number, 0);
    images_.push_back(std::make_unique<Image>(number + 1, 1));
    return {.image = std::as_const(*images_.back()).view(), .release = [this, number] {
              {
                const std::lock_guard inner(mutex_);
                ++returned_[number];
              }
              changed_.notify_all();
            }};
  }
  int returned(int number) {
    const std::lock_guard lock(mutex_);
    return returned_[number];
  }
  void wait_for(int number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return returned_[number] > 0; });
  }
  bool all_returned_once() {
    const std::lock_guard lock(mutex_);
    return std::ranges::all_of(returned_, [](const auto& entry) { return entry.second == 1; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int, int> returned_;
  std::vector<std::unique_ptr<Image>> images_;
};

}  // namespace

TEST_CASE("stream: pixels are frames, copied or lent until they are read") {
  FakeProcessor processor;
  Results results;
  Lender lender;
  FrameStream stream(processor, results.sink(), results.error_sink());
  processor.open();
  Image mine(1, 1);
  CHECK(stream.offer_image({std::as_const(mine).view()}, {.frame_id = 0}) == OfferResult::waiting);
  mine.reshape(100, 100);  // it was copied
  CHECK(results.wait(1).front() == "0");
  CHECK(stream.offer_image(lender.frame(1), {.frame_id = 1}) == OfferResult::waiting);
  CHECK(results.wait(2).back() == "1");
  lender.wait_for(1);
  const std::vector<std::uint8_t> yuyv = {16, 128, 16, 128};
  stream.offer_image({YuvView{.format = YuvFormat::yuyv,
                              .width = 2,
                              .height = 1,
                              .planes = {yuyv.data()},
                              .strides = {4}}},
                     {.frame_id = 2});
  CHECK(results.wait(3).back() == "2");
  CHECK(lender.all_returned_once());
}

TEST_CASE("stream: lent pixels come back once on every way out") {
  for (const bool decode_ahead : {true, false}) {
    CAPTURE(decode_ahead);
    FakeProcessor processor;
    Results results;
    Lender lender;
    {
      FrameStream stream(processor, results.sink(), results.error_sink(),
                         {.decode_ahead = decode_ahead});
      stream.offer_image(lender.frame(1));
      processor.wait_until_started(1);
      CHECK(lender.returned(1) == 1);  // read, though the processor still works on it
      stream.offer_image(lender.frame(2));
      CHECK(stream.offer_image(lender.frame(3)) == OfferResult::replaced_older);
      lender.wait_for(2);
      if (!decode_ahead) CHECK(lender.returned(3) == 0);  // it waits unread
      CHECK(error_of([&] {
              RawFrame bad = lender.frame(4);
              std::get<ImageView>(bad.image).stride = 1;
              stream.offer_image(std::move(bad));
            }).starts_with("invalid_argument"));
      CHECK(lender.returned(4) == 0);  // a call that fails has taken nothing
      stream.stop();                   // drops the waiting one
      lender.wait_for(3);
      CHECK(stream.offer_image(lender.frame(5)) == OfferResult::skipped);
      CHECK(lender.returned(5) == 1);
      processor.open();
    }
    for (const int number : {1, 2, 3, 5}) CHECK(lender.returned(number) == 1);
  }
}

TEST_CASE("stream: lent frames that fail, expire or are skipped while busy come back") {
  FakeProcessor processor;
  Results results;
  Lender lender;
  {
    Clock::time_point time{};
    FrameStream stream(processor, results.sink(), results.error_sink(),
                       {.gate = {.policy = GatePolicy::skip_while_busy,
                                 .max_age = milliseconds(10),
                                 .now = [&] { return time; }},
                        .decode_ahead = false});
    stream.offer_image(lender.frame(FakeProcessor::bad_finish));
    processor.wait_until_started(FakeProcessor::bad_finish);
    CHECK(stream.offer_image(lender.frame(1)) == OfferResult::skipped);
    CHECK(lender.returned(1) == 1);
    processor.open();
    results.wait(1);
    while (stream.counters().in_flight > 0) std::this_thread::yield();
    stream.offer_image(lender.frame(2), {}, time - milliseconds(11));
    lender.wait_for(2);
    CHECK(stream.counters().expired == 1);
  }
  CHECK(lender.all_returned_once());
}

TEST_CASE("stream: many cameras lend, every frame comes back once") {
  Lender lender;
  {
    FakeProcessor processor;
    processor.open();
    FrameStream stream(
        processor, [](Frame&&) {}, [](const FrameTag&, const Error&) {},
        {.gate = {.max_in_flight = 2}});
    std::vector<std::thread> cameras;
    for (int camera = 0; camera < 3; ++camera) {
      cameras.emplace_back([&, camera] {
        for (int i = 0; i < 300; ++i) stream.offer_image(lender.frame(300 * camera + i));
      });
    }
    for (std::thread& camera : cameras) camera.join();
  }
  CHECK(lender.all_returned_once());
}

TEST_CASE("stream: many cameras, every frame accounted for") {
  for (const bool decode_ahead : {true, false}) {
    FakeProcessor processor;
    processor.open();
    std::atomic<std::uint64_t> good{0};
    std::atomic<std::uint64_t> bad{0};
    GateCounters counters;
    {
      FrameStream stream(
          processor, [&](Frame&&) { ++good; }, [&](const FrameTag&, const Error&) { ++bad; },
          {.gate = {.max_in_flight = 2}, .decode_ahead = decode_ahead});
      std::vector<std::thread> cameras;
      for (int camera = 0; camera < 3; ++camera) {
        cameras.emplace_back([&] {
          for (int i = 0; i < 500; ++i) {
            offer(stream, i % 7 ? std::uint8_t{1} : std::uint8_t{FakeProcessor::bad_decode});
          }
        });
      }
      for (std::thread& camera : cameras) camera.join();
      stream.stop();
      while (stream.counters().in_flight) std::this_thread::yield();
      counters = stream.counters();
    }
    CHECK(counters.offered == 1500);
    CHECK(counters.offered ==
          counters.admitted + counters.replaced + counters.skipped + counters.expired);
    CHECK(counters.admitted == good + bad);
    CHECK_FALSE(processor.overlapped());
  }
}

TEST_SUITE_END();

}  // namespace depthcloud
