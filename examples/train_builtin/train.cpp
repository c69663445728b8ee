// SPDX-License-Identifier: Apache-2.0
// Trains the built-in network on scenes that it draws itself. README.md in this folder has the
// command that made the committed weights.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>

#include "augment.hpp"
#include "loss.hpp"
#include "scene_stream.hpp"
#include "trainer.hpp"
#include "weights_file.hpp"

namespace train_builtin {
namespace {

struct Options {
  std::filesystem::path directory = "train_builtin";
  std::uint64_t seed = 1;
  Schedule schedule;
  std::int64_t check_every = 500;
  int threads = 2;
  std::string device = "cpu";
};

/// What one step trains on: mostly small pictures, which teach the most in a given time, and large
/// ones often enough that the network knows the sizes it is used at.
struct BatchShape {
  int width, height, count;
};
constexpr std::array<BatchShape, 8> batch_shapes{{{128, 96, 16},
                                                  {128, 96, 16},
                                                  {96, 128, 16},
                                                  {160, 96, 14},
                                                  {160, 128, 10},
                                                  {256, 192, 6},
                                                  {384, 288, 3},
                                                  {512, 384, 2}}};

constexpr std::int64_t window = 256;       ///< scenes that a batch is drawn from
constexpr std::int64_t steps_a_scene = 2;  ///< until the oldest scene makes place for a new one

constexpr std::uint64_t held_out_seed = 0x9E1D;
constexpr int held_out_scenes = 64;

struct Batch {
  at::Tensor images;
  at::Tensor target;
};

Batch stack(const std::vector<Sample>& samples, int width, int height) {
  const auto count = static_cast<std::int64_t>(samples.size());
  at::Tensor images = at::empty({count, height, width, 3});
  at::Tensor target = at::empty({count, height, width});
  for (std::int64_t i = 0; i < count; ++i) {
    const Sample& sample = samples[static_cast<std::size_t>(i)];
    std::copy(sample.rgb.begin(), sample.rgb.end(), images[i].data_ptr<float>());
    std::copy(sample.inverse_depth.begin(), sample.inverse_depth.end(),
              target[i].data_ptr<float>());
  }
  return {images.permute({0, 3, 1, 2}), target};
}

/// The batch of one step, from the step's own random numbers.
Batch make_batch(const SceneStream::Window& scenes, std::uint64_t seed, std::int64_t step) {
  Random random(seed + 1, static_cast<std::uint64_t>(step));
  const BatchShape& shape =
      batch_shapes[static_cast<std::size_t>(random.below(batch_shapes.size()))];
  std::vector<Sample> samples;
  for (int i = 0; i < shape.count; ++i) {
    const auto& picture =
        scenes[static_cast<std::size_t>(random.below(static_cast<int>(scenes.size())))];
    samples.push_back(augmented(*picture, shape.width, shape.height, random));
  }
  return stack(samples, shape.width, shape.height);
}

std::vector<Batch> held_out() {
  std::vector<Batch> batches;
  for (int i = 0; i < held_out_scenes; ++i) {
    const Picture picture = render_scene(held_out_seed, i);
    batches.push_back(
        stack({plain(picture, picture.width, picture.height)}, picture.width, picture.height));
  }
  return batches;
}

Accuracy measure(const depthcloud::NamedTensors& weights, const std::vector<Batch>& batches) {
  const at::NoGradGuard no_gradient;
  const at::Device device = weights.begin()->second.device();
  Accuracy mean;
  for (const Batch& batch : batches) {
    const auto output = depthcloud::builtin_forward(weights, batch.images.to(device));
    const Accuracy one = accuracy(output.inverse_depth, batch.target.to(device));
    mean.abs_rel += one.abs_rel / static_cast<double>(batches.size());
    mean.delta1 += one.delta1 / static_cast<double>(batches.size());
  }
  return mean;
}

Options parse(int argc, char** argv) {
  Options options;
  CLI::App app{"Trains depthcloud's built-in depth network on scenes that it draws itself."};
  app.add_option("--out", options.directory,
                 "Checkpoint, weights and curve go here; a checkpoint that is there is "
                 "resumed")
      ->capture_default_str();
  app.add_option("--seed", options.seed)->capture_default_str();
  app.add_option("--steps", options.schedule.steps)->capture_default_str();
  app.add_option("--rate", options.schedule.peak_rate, "Peak learning rate")->capture_default_str();
  app.add_option("--decay-share", options.schedule.decay_share)->capture_default_str();
  app.add_option("--check-every", options.check_every, "Steps between checkpoints")
      ->capture_default_str();
  app.add_option("--threads", options.threads)->capture_default_str();
  app.add_option("--device", options.device, "cpu or cuda")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return options;
}

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

/// Tells how the training goes: the smoothed loss and the time that is left.
class Progress {
 public:
  Progress(std::int64_t done, std::int64_t steps) : reported_(done), steps_(steps) {}

  void add(std::int64_t done, double loss) {
    mean_loss_ = mean_loss_ == 0 ? loss : 0.98 * mean_loss_ + 0.02 * loss;
    if (done % 50 != 0) return;
    const auto now = std::chrono::steady_clock::now();
    const double seconds =
        std::chrono::duration<double>(now - since_).count() / static_cast<double>(done - reported_);
    since_ = now;
    reported_ = done;
    say(fmt::format("step {}  loss {:.4f}  {:.2f} s/step  {:.0f} min left", done, mean_loss_,
                    seconds, seconds * static_cast<double>(steps_ - done) / 60));
  }
  double mean_loss() const { return mean_loss_; }

 private:
  std::int64_t reported_;
  std::int64_t steps_;
  double mean_loss_ = 0;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

void train(const Options& options) {
  at::set_num_threads(options.threads);
  std::filesystem::create_directories(options.directory);
  const auto checkpoint = options.directory / "checkpoint.pt";
  Trainer trainer(options.seed, at::Device(options.device), options.threads);
  if (std::filesystem::exists(checkpoint)) trainer.restore(checkpoint);
  say(fmt::format("step {} of {}; drawing {} held-out scenes and {} to train on",
                  trainer.steps_done(), options.schedule.steps, held_out_scenes, window));
  const std::vector<Batch> test_set = held_out();
  SceneStream scenes(options.seed, window, options.threads);
  const auto prepare = [&](std::int64_t step) {
    return std::async(std::launch::async, [&scenes, &options, step] {
      return make_batch(scenes.at(step / steps_a_scene), options.seed, step);
    });
  };

  std::ofstream curve(options.directory / "curve.csv", std::ios::app);
  std::future<Batch> next = prepare(trainer.steps_done());
  Progress progress(trainer.steps_done(), options.schedule.steps);
  while (trainer.steps_done() < options.schedule.steps) {
    const Batch batch = next.get();
    const std::int64_t step = trainer.steps_done();
    next = prepare(step + 1);  // drawn while this one is learned from
    const double rate = learning_rate(options.schedule, step);
    progress.add(step + 1, trainer.step(batch.images, batch.target, rate));
    if ((step + 1) % options.check_every != 0 && step + 1 != options.schedule.steps) continue;

    const Accuracy now = measure(trainer.averaged(), test_set);
    say(fmt::format("step {}  held-out AbsRel {:.4f}  delta1 {:.4f}", step + 1, now.abs_rel,
                    now.delta1));
    curve << fmt::format("{},{:.5f},{:.5f},{:.5f}\n", step + 1, progress.mean_loss(), now.abs_rel,
                         now.delta1)
          << std::flush;
    trainer.save(checkpoint);
    write_safetensors(options.directory / "builtin.safetensors", trainer.averaged());
  }
}

}  // namespace
}  // namespace train_builtin

int main(int argc, char** argv) {
  try {
    train_builtin::train(train_builtin::parse(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "train_builtin: %s\n", error.what());
    return 1;
  }
  return 0;
}
