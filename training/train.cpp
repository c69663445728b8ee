// SPDX-License-Identifier: Apache-2.0
// Trains the built-in network on scenes that it draws itself. README.md in this folder has the
// command that made the committed weights.
#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
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
  std::filesystem::path preview;
  std::uint64_t seed = 1;
  Schedule schedule;
  std::int64_t check_every = 1000;
  int threads = 1;
  int renderers = 1;
  std::string device = "cpu";
  bool bf16 = false;
};

/// What one step trains on. Each step has one shape; the network sees upright and wide photos too.
struct BatchShape {
  int width, height, count;
};
using BatchShapes = std::array<BatchShape, 6>;

/// One part of the training: small pictures of all kinds of scenes teach the most in a given time;
/// then come pictures of about the size that is used, of what people photograph.
struct Part {
  Mix mix;
  BatchShapes shapes;
  std::int64_t steps_a_scene;  ///< scenes are used again and again
};
constexpr Part small_part{
    Mix::broad,
    {{{96, 64, 16}, {96, 64, 16}, {128, 64, 12}, {64, 96, 16}, {96, 96, 11}, {128, 96, 8}}},
    2};
constexpr Part full_part{Mix::photo_like,
                         {{{160, 112, 14},
                           {160, 120, 12},
                           {160, 128, 12},
                           {192, 128, 10},
                           {128, 160, 12},
                           {160, 160, 10}}},
                         1};
constexpr std::int64_t first_scenes = 768;
constexpr std::int64_t most_scenes = 6000;  ///< held in memory; the oldest go first

constexpr std::uint64_t held_out_seed = 0x9E1D;
constexpr int held_out_scenes = 128;

struct Batch {
  at::Tensor images;
  Target target;
};

Batch stack(const std::vector<Sample>& samples, int width, int height) {
  const auto count = static_cast<std::int64_t>(samples.size());
  at::Tensor images = at::empty({count, height, width, 3});
  Target target{at::empty({count, height, width}), at::empty({count, height, width}),
                at::empty({count})};
  for (std::int64_t i = 0; i < count; ++i) {
    const Sample& sample = samples[static_cast<std::size_t>(i)];
    const auto put = [&](const std::vector<float>& values, const at::Tensor& into) {
      std::copy(values.begin(), values.end(), into[i].data_ptr<float>());
    };
    put(sample.rgb, images);
    put(sample.nearness, target.nearness);
    put(sample.sky, target.sky);
    target.range[i] = sample.range;
  }
  return {images.permute({0, 3, 1, 2}), target};
}

/// The batch of one step, from the step's own random numbers.
Batch make_batch(const SceneStream::Window& scenes, const BatchShapes& shapes, std::uint64_t seed,
                 std::int64_t step) {
  Random random(seed + 1, static_cast<std::uint64_t>(step));
  const BatchShape& shape = shapes[static_cast<std::size_t>(random.below(shapes.size()))];
  std::vector<Sample> samples;
  const auto draw = [&] {
    const auto at = static_cast<std::size_t>(random.below(static_cast<int>(scenes.size())));
    return augmented(*scenes[at], shape.width, shape.height, random);
  };
  for (int i = 0; i < shape.count; ++i) {
    Sample sample = draw();
    // Of a picture with nothing in it only prejudice is to be learned.
    for (int tries = 0; is_blank(sample) && tries < 3; ++tries) sample = draw();
    samples.push_back(std::move(sample));
  }
  return stack(samples, shape.width, shape.height);
}

std::vector<Batch> held_out() {
  constexpr int width = 192, height = 144;
  std::vector<Batch> batches;
  for (int i = 0; i < held_out_scenes; ++i) {
    batches.push_back(
        stack({plain(render_scene(held_out_seed, i, Mix::broad), width, height)}, width, height));
  }
  return batches;
}

Accuracy measure(const depthcloud::NamedTensors& weights, const std::vector<Batch>& batches) {
  const at::NoGradGuard no_gradient;
  const at::Device device = weights.begin()->second.device();
  Accuracy mean;
  for (const Batch& batch : batches) {
    const auto logits = depthcloud::builtin_logits(weights, batch.images.to(device));
    const Accuracy one = accuracy(logits.nearness.cpu(), batch.target);
    mean.abs_rel += one.abs_rel / static_cast<double>(batches.size());
    mean.delta1 += one.delta1 / static_cast<double>(batches.size());
    mean.ordered += one.ordered / static_cast<double>(batches.size());
  }
  return mean;
}

/// A sheet of augmented pictures, each above its nearness, as a PPM file: what training looks at.
void write_preview(const Options& options) {
  constexpr int columns = 8, rows = 6, width = 192, height = 144;
  std::vector<std::uint8_t> sheet(static_cast<std::size_t>(columns * width * rows * 2 * height) *
                                  3);
  for (int i = 0; i < columns * rows; ++i) {
    Random random(options.seed, static_cast<std::uint64_t>(i));
    const Picture picture =
        render_scene(options.seed, i, i % 2 == 0 ? Mix::broad : Mix::photo_like);
    const Sample sample = augmented(picture, width, height, random);
    for (int v = 0; v < height; ++v) {
      for (int u = 0; u < width; ++u) {
        const auto from = static_cast<std::size_t>(v * width + u);
        const auto to = static_cast<std::size_t>((i / columns * 2 * height + v) * columns * width +
                                                 i % columns * width + u) *
                        3;
        const auto below = to + static_cast<std::size_t>(height * columns * width) * 3;
        for (std::size_t c = 0; c < 3; ++c) {
          sheet[to + c] = static_cast<std::uint8_t>(sample.rgb[3 * from + c] * 255);
          sheet[below + c] = static_cast<std::uint8_t>(sample.nearness[from] * 255);
        }
      }
    }
  }
  std::ofstream file(options.preview, std::ios::binary);
  file << fmt::format("P6\n{} {}\n255\n", columns * width, rows * 2 * height);
  file.write(reinterpret_cast<const char*>(sheet.data()),
             static_cast<std::streamsize>(sheet.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + options.preview.string());
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
  app.add_option("--small-steps", options.schedule.small_steps, "Of these on small pictures")
      ->capture_default_str();
  app.add_option("--rate", options.schedule.peak_rate, "Peak learning rate")->capture_default_str();
  app.add_option("--check-every", options.check_every, "Steps between checkpoints")
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Parts that a batch is cut into")
      ->capture_default_str();
  app.add_option("--renderers", options.renderers, "Threads that draw scenes")
      ->capture_default_str();
  app.add_flag("--bf16", options.bf16, "Compute the layers in bfloat16");
  app.add_option("--preview", options.preview, "Write a sheet of training pictures (PPM) and stop");
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
  explicit Progress(std::int64_t done) : reported_(done) {}

  void add(std::int64_t done, double loss, double waited) {
    mean_loss_ = mean_loss_ == 0 ? loss : 0.99 * mean_loss_ + 0.01 * loss;
    if (done % 100 != 0) return;
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - since_).count();
    const auto steps = static_cast<double>(done - reported_);
    say(fmt::format("step {}  loss {:.4f}  {:.2f} steps/s, {:.0f} % waiting for scenes", done,
                    mean_loss_, steps / seconds, 100 * (waited - waited_) / seconds));
    since_ = now;
    reported_ = done;
    waited_ = waited;
  }
  double mean_loss() const { return mean_loss_; }

 private:
  std::int64_t reported_;
  double waited_ = 0;
  double mean_loss_ = 0;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

/// Steps from `begin` to `end`, or those of them that are not done yet. Each part has scenes of its
/// own.
void train_part(const Options& options, Trainer& trainer, const Part& part, std::int64_t begin,
                std::int64_t end, const std::function<void(double loss)>& check) {
  if (trainer.steps_done() >= end) return;
  const auto scenes_until = [&](std::int64_t step) {
    return first_scenes + (step - begin) / part.steps_a_scene;
  };
  const auto oldest_scene = [&](std::int64_t step) {
    return std::max<std::int64_t>(scenes_until(step) - most_scenes, 0);
  };
  SceneStream scenes(options.seed, part.mix, oldest_scene(trainer.steps_done()), options.renderers);
  const auto prepare = [&](std::int64_t step) {
    return std::async(std::launch::async, [&, step] {
      const auto window = scenes.between(oldest_scene(step), scenes_until(step));
      return make_batch(window, part.shapes, options.seed, step);
    });
  };
  std::future<Batch> next = prepare(trainer.steps_done());
  Progress progress(trainer.steps_done());
  while (trainer.steps_done() < end) {
    const Batch batch = next.get();
    const std::int64_t step = trainer.steps_done();
    const double waited = scenes.waited();
    if (step + 1 < end) next = prepare(step + 1);  // drawn while this one is learned from
    const double loss =
        trainer.step(batch.images, batch.target, learning_rate(options.schedule, step),
                     gradient_weight(options.schedule, step));
    progress.add(step + 1, loss, waited);
    if ((step + 1) % options.check_every == 0 || step + 1 == end) check(progress.mean_loss());
  }
}

void train(const Options& options) {
  at::set_num_threads(options.threads);
  at::globalContext().setFlushDenormal(true);
  std::filesystem::create_directories(options.directory);
  const auto checkpoint = options.directory / "checkpoint.pt";
  const Schedule& schedule = options.schedule;
  Trainer trainer(options.seed, at::Device(options.device),
                  options.bf16 ? at::kBFloat16 : at::kFloat, options.threads);
  if (std::filesystem::exists(checkpoint)) trainer.restore(checkpoint);
  say(fmt::format("step {} of {}; drawing {} held-out scenes", trainer.steps_done(), schedule.steps,
                  held_out_scenes));
  const std::vector<Batch> test_set = held_out();
  std::ofstream curve(options.directory / "curve.csv", std::ios::app);
  const auto check = [&](double loss) {
    const Accuracy now = measure(trainer.averaged(), test_set);
    say(fmt::format("step {}  held-out AbsRel {:.4f}  delta1 {:.4f}  ordered {:.4f}",
                    trainer.steps_done(), now.abs_rel, now.delta1, now.ordered));
    curve << fmt::format("{},{:.5f},{:.5f},{:.5f},{:.5f}\n", trainer.steps_done(), loss,
                         now.abs_rel, now.delta1, now.ordered)
          << std::flush;
    trainer.save(checkpoint);
    write_safetensors(options.directory / "builtin.safetensors", trainer.averaged());
  };
  train_part(options, trainer, small_part, 0, schedule.small_steps, check);
  train_part(options, trainer, full_part, schedule.small_steps, schedule.steps, check);
}

}  // namespace
}  // namespace train_builtin

int main(int argc, char** argv) {
  try {
    const train_builtin::Options options = train_builtin::parse(argc, argv);
    if (options.preview.empty()) {
      train_builtin::train(options);
    } else {
      train_builtin::write_preview(options);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "train_builtin: %s\n", error.what());
    return 1;
  }
  return 0;
}
