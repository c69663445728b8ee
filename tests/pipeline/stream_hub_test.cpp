// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/log.hpp>
#include <depthcloud/stream_hub.hpp>

#include "expect_error.hpp"

namespace depthcloud {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Numbers = std::vector<int>;
using std::chrono::milliseconds;

constexpr std::uint8_t bad_decode = 200;
constexpr std::uint8_t bad_depth = 201;
constexpr std::uint8_t foreign_depth = 202;

/// A frame is one byte, its number, which becomes its image's width. Every call of estimate() waits
/// for the test's leave and is written down.
class FakeSource : public DepthSource {
 public:
  DecodedFrame decode(std::span<const std::uint8_t> encoded) const override {
    const int number = encoded[0];
    note([&] { decoded_.push_back(number); });
    if (number == bad_decode) throw Error(ErrorCode::corrupt_data, Stage::decode, "not a JPEG");
    return {.image = Image(number + 1, 1), .decode_ms = 3};
  }

  std::vector<DepthMap> estimate(std::span<const ImageView> images, StageTimes& times) override {
    Numbers numbers;
    for (const ImageView& image : images) numbers.push_back(image.width - 1);
    note([&] { calls_.push_back(numbers); });
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return open_ || leaves_ > 0; });
      if (!open_) --leaves_;
    }
    std::vector<DepthMap> maps;
    for (const int number : numbers) {
      if (number == bad_depth) throw Error(ErrorCode::out_of_memory, Stage::infer, "GPU is full");
      if (number == foreign_depth) throw 5;
      const auto width = static_cast<std::size_t>(number + 1);
      maps.emplace_back(
          number + 1, 1,
          DepthPlanes{.depth = std::vector<float>(width, 1.0f), .confidence = {}, .sky = {}},
          DepthInfo{.intrinsics = {1, 1, 0, 0}});
    }
    times[Stage::preprocess] = 1;
    times[Stage::infer] = 2;
    return maps;
  }

  std::vector<DepthMap> estimate_views(std::span<const ImageView> views,
                                       StageTimes& times) override {
    note([&] { ++scenes_; });
    return estimate(views, times);
  }

  void open() {
    note([&] { open_ = true; });
  }
  void let_one_pass() {
    note([&] { ++leaves_; });
  }
  void wait_for_calls(std::size_t count) {
    wait([&] { return calls_.size() >= count; });
  }
  void wait_until_decoded(int number) {
    wait([&] { return std::count(decoded_.begin(), decoded_.end(), number) > 0; });
  }
  std::vector<Numbers> calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  Numbers decoded() {
    const std::lock_guard lock(mutex_);
    return decoded_;
  }
  int scenes() {
    const std::lock_guard lock(mutex_);
    return scenes_;
  }

 private:
  template <typename Change>
  void note(Change&& change) const {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    changed_.notify_all();
  }
  template <typename Condition>
  void wait(Condition&& condition) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(30), condition));
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable Numbers decoded_;
  std::vector<Numbers> calls_;
  int scenes_ = 0;
  bool open_ = false;
  int leaves_ = 0;
};

/// What came out of the hub, in its order: "1" for a frame, "200!" for a view that failed.
class Results {
 public:
  FrameCallbacks callbacks() {
    return {[this](EstimatedFrame&& frame) {
              std::string text;
              for (const EstimatedView& view : frame.views) {
                if (!text.empty()) text += '+';
                text += std::to_string(view.depth.width() - 1);
              }
              add(text);
              const std::lock_guard lock(mutex_);
              last_ = std::move(frame);
            },
            [this](std::size_t view, const Error& error) {
              std::string text = "view ";
              text += std::to_string(view);
              text += ' ';
              add(text + to_string(error.code()));
            }};
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    REQUIRE(
        changed_.wait_for(lock, std::chrono::seconds(30), [&] { return texts_.size() >= count; }));
    return texts_;
  }
  EstimatedFrame last() {
    const std::lock_guard lock(mutex_);
    return std::move(last_);
  }

 private:
  void add(const std::string& text) {
    {
      const std::lock_guard lock(mutex_);
      texts_.push_back(text);
    }
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> texts_;
  EstimatedFrame last_;
};

OfferResult offer(StreamHub::Stream& stream, Results& results, Bytes views) {
  std::vector<Bytes> encoded;
  for (const std::uint8_t view : views) encoded.push_back({view});
  return stream.offer(std::move(encoded), {.frame_id = views[0]}, results.callbacks(),
                      Clock::now());
}

void wait_until_idle(const StreamHub& hub) {
  while (hub.counters().in_flight + hub.counters().waiting > 0) {
    std::this_thread::sleep_for(milliseconds(1));
  }
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_SUITE("pipeline") {
  TEST_CASE("a hub gives each frame's depth, image, tag and times to its callback") {
    FakeSource source;
    source.open();
    Results results;
    StreamHub hub(source);
    const auto stream = hub.open();
    CHECK(offer(*stream, results, {7}) == OfferResult::waiting);
    CHECK(results.wait_for(1) == Texts{"7"});
    wait_until_idle(hub);
    const EstimatedFrame frame = results.last();
    CHECK(frame.tag.frame_id == 7);
    CHECK(frame.views[0].image.width() == 8);
    CHECK(frame.times[Stage::decode] == 3);
    CHECK(frame.times[Stage::preprocess] == 1);
    CHECK(frame.times[Stage::infer] == 2);
  }

  TEST_CASE("streams take turns, and each keeps only its newest frame") {
    FakeSource source;
    Results results;
    StreamHub hub(source);
    const auto a = hub.open(), b = hub.open(), c = hub.open();
    offer(*a, results, {1});
    source.wait_for_calls(1);  // 1 is in the network
    offer(*a, results, {2});
    offer(*b, results, {11});
    CHECK(offer(*a, results, {3}) == OfferResult::replaced_older);
    offer(*c, results, {21});
    offer(*b, results, {12});
    source.open();
    CHECK(results.wait_for(4) == Texts{"1", "3", "12", "21"});
    wait_until_idle(hub);
    CHECK(a->counters() == GateCounters{.offered = 3, .admitted = 2, .replaced = 1});
    CHECK(hub.counters() == GateCounters{.offered = 6, .admitted = 4, .replaced = 2});
  }

  TEST_CASE("a busy stream cannot keep others waiting") {
    FakeSource source;
    Results results;
    StreamHub hub(source);
    const auto busy = hub.open(), other = hub.open();
    offer(*busy, results, {1});
    source.wait_for_calls(1);
    offer(*busy, results, {2});
    offer(*other, results, {11});
    source.let_one_pass();
    source.wait_for_calls(2);  // 2 is in
    offer(*busy, results, {3});
    source.open();
    CHECK(results.wait_for(4) == Texts{"1", "2", "11", "3"});
  }

  TEST_CASE("waiting frames of several streams share a pass, up to max_batch") {
    FakeSource source;
    Results results;
    StreamHub hub(source, {.max_batch = 2});
    std::vector<std::shared_ptr<StreamHub::Stream>> streams;
    for (int i = 0; i < 4; ++i) streams.push_back(hub.open());
    offer(*streams[0], results, {1});
    source.wait_for_calls(1);
    for (std::uint8_t i = 1; i < 4; ++i) offer(*streams[i], results, {i});
    source.open();
    results.wait_for(4);
    CHECK(source.calls() == std::vector<Numbers>{{1}, {1, 2}, {3}});
  }

  TEST_CASE("a frame that breaks a pass for several does not spoil the others") {
    FakeSource source;
    Results results;
    StreamHub hub(source, {.max_batch = 4});
    const auto a = hub.open(), b = hub.open(), c = hub.open(), d = hub.open();
    offer(*a, results, {1});
    source.wait_for_calls(1);
    offer(*a, results, {2});
    offer(*b, results, {bad_depth});
    offer(*c, results, {foreign_depth});
    offer(*d, results, {bad_decode});
    source.open();
    CHECK(results.wait_for(5) ==
          Texts{"1", "view 0 corrupt_data", "2", "view 0 out_of_memory", "view 0 internal"});
  }

  TEST_CASE(
      "what is next in line is decoded while the network is busy; what is farther back is not") {
    FakeSource source;
    Results results;
    StreamHub hub(source);
    const auto a = hub.open(), b = hub.open(), c = hub.open();
    offer(*a, results, {1});
    source.wait_for_calls(1);
    offer(*b, results, {2});
    offer(*c, results, {3});
    source.wait_until_decoded(2);
    std::this_thread::sleep_for(milliseconds(20));
    CHECK(source.decoded() == Numbers{1, 2});
    source.open();
    CHECK(results.wait_for(3) == Texts{"1", "2", "3"});
    CHECK(source.decoded() == Numbers{1, 2, 3});
  }

  TEST_CASE(
      "the views of a frame go through the network as one scene; one that fails is left out") {
    FakeSource source;
    source.open();
    Results results;
    StreamHub hub(source);
    const auto rig = hub.open();
    offer(*rig, results, {5, bad_decode, 6});
    CHECK(results.wait_for(2) == Texts{"view 1 corrupt_data", "5+6"});
    wait_until_idle(hub);
    CHECK(source.scenes() == 1);
    CHECK(results.last().views[1].index == 2);
    offer(*rig, results, {bad_decode, bad_decode});
    CHECK(results.wait_for(4)[3] == "view 1 corrupt_data");
    offer(*rig, results, {7, bad_depth});
    const Texts all = results.wait_for(6);
    CHECK(all[4] == "view 0 out_of_memory");
    CHECK(all[5] == "view 1 out_of_memory");
  }

  TEST_CASE("what a callback throws is told as a failure, and the hub goes on") {
    FakeSource source;
    source.open();
    Results results;
    StreamHub hub(source);
    const auto stream = hub.open();
    FrameCallbacks callbacks = results.callbacks();
    callbacks.done = [](EstimatedFrame&&) { throw std::bad_alloc(); };
    stream->offer({{1}}, {}, callbacks, Clock::now());
    CHECK(results.wait_for(1) == Texts{"view 0 out_of_memory"});
    callbacks.failed = [](std::size_t, const Error&) { throw 5; };
    stream->offer({{2}}, {}, callbacks, Clock::now());
    wait_until_idle(hub);
    offer(*stream, results, {3});
    CHECK(results.wait_for(2)[1] == "3");
  }

  TEST_CASE("a stream that ends or a hub that stops drops what waits, and the counts stay exact") {
    FakeSource source;
    Results results;
    std::shared_ptr<StreamHub::Stream> survivor;
    {
      StreamHub hub(source);
      auto leaving = hub.open();
      survivor = hub.open();
      offer(*leaving, results, {1});
      source.wait_for_calls(1);
      offer(*leaving, results, {2});
      leaving->close();
      CHECK(offer(*leaving, results, {3}) == OfferResult::skipped);
      leaving.reset();
      offer(*survivor, results, {11});
      hub.stop();
      CHECK(offer(*hub.open(), results, {12}) == OfferResult::skipped);
      source.open();
      CHECK(results.wait_for(1) == Texts{"1"});
      CHECK(hub.counters() ==
            GateCounters{.offered = 5, .admitted = 1, .skipped = 2, .expired = 2});
    }
    CHECK(offer(*survivor, results, {13}) == OfferResult::skipped);
    CHECK(results.wait_for(1).size() == 1);
  }

  TEST_CASE("many threads may offer, open, close and count at once") {
    FakeSource source;
    source.open();
    Results results;
    StreamHub hub(source, {.max_batch = 4});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int round = 0; round < 20; ++round) {
          const auto stream = hub.open();
          for (std::uint8_t i = 0; i < 10; ++i) offer(*stream, results, {i});
          hub.counters();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    wait_until_idle(hub);
    const GateCounters sum = hub.counters();
    CHECK(sum.offered == 800);
    CHECK(sum.offered == sum.admitted + sum.skipped + sum.replaced + sum.expired);
  }

  TEST_CASE("a hub refuses options and frames that make no sense") {
    FakeSource source;
    CHECK(error_of([&] { StreamHub hub(source, {.max_batch = 0}); }) ==
          "invalid_argument control: max_batch is 0, must be at least 1");
    StreamHub hub(source);
    CHECK(error_of([&] { hub.open({.max_fps = -1}); }).starts_with("invalid_argument control: "));
    const auto stream = hub.open();
    Results results;
    CHECK(error_of([&] { stream->offer({}, {}, results.callbacks(), Clock::now()); }) ==
          "invalid_argument control: a frame needs at least one view");
    CHECK(error_of([&] { stream->offer_image({}, {}, results.callbacks(), Clock::now()); }) ==
          "invalid_argument control: a frame needs at least one view");
    const std::string needs_done =
        "invalid_argument control: a frame needs FrameCallbacks::done: the function that receives "
        "it is empty";
    const Image image(1, 1);
    CHECK(error_of([&] { stream->offer({{1}}, {}, {}, Clock::now()); }) == needs_done);
    CHECK(error_of([&] { stream->offer_image({{image.view()}}, {}, {}, Clock::now()); }) ==
          needs_done);
  }

  TEST_CASE("without the callback `failed`, errors go to the log") {
    std::mutex mutex;
    std::vector<std::string> logged;
    set_log_callback([&](LogLevel level, std::string_view line) {
      const std::lock_guard lock(mutex);
      if (level == LogLevel::warning) logged.emplace_back(line);
    });
    FakeSource source;
    source.open();
    {
      StreamHub hub(source);
      const auto stream = hub.open();
      for (const std::uint8_t number : {bad_decode, bad_depth}) {
        stream->offer({{number}}, {}, {.done = [](EstimatedFrame&&) {}}, Clock::now());
        wait_until_idle(hub);
      }
    }
    set_log_callback(nullptr);
    CHECK(logged == Texts{"a frame failed in the stage decode: not a JPEG",
                          "a frame failed in the stage infer: GPU is full"});
  }

  TEST_CASE("views of pixels, copied and lent, share a frame; what is lent comes back once") {
    FakeSource source;
    Results results;
    std::map<int, int> returned;
    std::mutex mutex;
    const Image images[] = {Image(4, 1), Image(5, 1), Image(6, 1), Image(7, 1)};
    const auto lent = [&](int number) {
      return RawFrame{.image = images[number - 3].view(), .release = [&, number] {
                        const std::lock_guard lock(mutex);
                        ++returned[number];
                      }};
    };
    const auto times = [&](int number) {
      const std::lock_guard lock(mutex);
      return returned[number];
    };
    {
      StreamHub hub(source);
      const auto stream = hub.open();
      const auto offer_images = [&](std::vector<RawFrame> views) {
        return stream->offer_image(std::move(views), {}, results.callbacks(), Clock::now());
      };
      CHECK(offer_images({lent(3), {images[1].view()}}) == OfferResult::waiting);
      source.wait_for_calls(1);
      CHECK(times(3) == 1);
      offer_images({lent(5)});
      CHECK(offer_images({lent(6)}) == OfferResult::replaced_older);
      CHECK(error_of([&] {
              offer_images({lent(4), {ImageView{}}});
            }).starts_with("invalid_argument"));
      CHECK(times(4) == 0);  // a call that fails has taken nothing
      source.let_one_pass();
      CHECK(results.wait_for(1) == Texts{"3+4"});
      hub.stop();
      CHECK(offer_images({lent(4)}) == OfferResult::skipped);
      CHECK(times(4) == 1);
      source.open();
    }
    for (const int number : {3, 4, 5, 6}) CHECK(times(number) == 1);
  }

  TEST_CASE("encoded views and pixels share a frame") {
    FakeSource source;
    source.open();
    Results results;
    StreamHub hub(source);
    const Image image(4, 1);
    int returned = 0;
    const auto stream = hub.open();
    stream->offer_views({Bytes{7}, RawFrame{image.view(), [&] { ++returned; }}}, {},
                        results.callbacks(), Clock::now());
    CHECK(results.wait_for(1) == Texts{"7+3"});
    CHECK(returned == 1);
    CHECK(source.decoded() == Numbers{7});
  }
}

namespace {

/// Takes `first` milliseconds for the first image of a call and `other` for each further one.
class TimedSource final : public DepthSource {
 public:
  TimedSource(int first, int other) : first_(first), other_(other) {}
  DecodedFrame decode(std::span<const std::uint8_t>) const override { return {}; }
  std::vector<DepthMap> estimate(std::span<const ImageView> images, StageTimes&) override {
    largest = std::max(largest, images.size());
    std::this_thread::sleep_for(
        milliseconds(first_ + other_ * (static_cast<int>(images.size()) - 1)));
    return std::vector<DepthMap>(images.size());
  }
  std::size_t largest = 0;

 private:
  int first_;
  int other_;
};

}  // namespace

TEST_SUITE("pipeline") {
  TEST_CASE("the fastest batch is as large as it pays") {
    const Image image(4, 4);
    TimedSource shared(20, 0), apart(20, 20);
    CHECK(fastest_batch(shared, image.view(), 8) == 8);
    CHECK(fastest_batch(shared, image.view(), 6) == 4);
    CHECK(fastest_batch(apart, image.view(), 8) == 1);
    CHECK(apart.largest == 2);
    TimedSource unused(20, 0);
    CHECK(fastest_batch(unused, image.view(), 1) == 1);
    CHECK(unused.largest == 0);
    CHECK(error_of([&] { fastest_batch(shared, image.view(), 0); }) ==
          "invalid_argument control: a batch of 0 images, must be at least 1");
  }
}

}  // namespace depthcloud
