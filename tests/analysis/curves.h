// Families of learning curves with and without a jump, each a pure function of a seed.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/analysis/detector.h"

namespace curves {

using plateau::analysis::Evaluation;

struct Curve {
  std::vector<Evaluation> evaluations;
  std::int64_t jump = -1; // middle of the jump; -1: none
  std::int64_t width = 0; // steps that it takes
  std::int64_t spacing = 0;
  double level = 0; // training loss of the plateau, where there is one
};

/// The same numbers with every standard library.
class Random {
public:
  explicit Random(std::uint64_t seed) : bits_(seed * 0x9E3779B97F4A7C15ULL + 1) { bits_.discard(20); }
  double uniform(double low, double high) {
    return low + (high - low) * (static_cast<double>(bits_() >> 11) * 0x1.0p-53);
  }
  int integer(int low, int high) { return low + static_cast<int>(uniform(0, high - low + 1 - 1e-9)); }
  double normal(double deviation) {
    const double radius = std::sqrt(-2 * std::log(1 - uniform(0, 1)));
    return deviation * radius * std::cos(2 * std::numbers::pi * uniform(0, 1));
  }
  bool chance(double probability) { return uniform(0, 1) < probability; }

private:
  std::mt19937_64 bits_;
};

/// What a curve would be without noise, at a step.
struct Mean {
  double train, validation, accuracy;
};

struct Noise {
  double train = 0, validation = 0, accuracy = 0;
  static Noise typical(Random& random) {
    return {random.uniform(0.01, 0.05), random.uniform(0.005, 0.02), random.uniform(0.005, 0.02)};
  }
};

inline Curve sampled(std::int64_t steps, std::int64_t spacing, const Noise& noise, Random& random,
                     const std::function<Mean(double)>& mean) {
  Curve curve;
  curve.spacing = spacing;
  for (std::int64_t step = spacing; step <= steps; step += spacing) {
    const auto now = mean(static_cast<double>(step));
    // The training loss is a mean over the steps since the last evaluation.
    const auto before = mean(static_cast<double>(step) - 0.5 * static_cast<double>(spacing));
    curve.evaluations.push_back({step, before.train + random.normal(noise.train),
                                 now.validation + random.normal(noise.validation),
                                 std::clamp(now.accuracy + random.normal(noise.accuracy), 0.0, 1.0)});
  }
  return curve;
}

inline std::int64_t usual_spacing(Random& random) {
  return random.chance(0.5) ? 50 : 100;
}

/// From chance (0) to the end of learning (1), as losses and accuracy.
inline Mean progressed(double progress, double final_train, double final_validation, double final_accuracy) {
  return {2.35 + (final_train - 2.35) * progress, 2.303 + (final_validation - 2.303) * progress,
          0.1 + (final_accuracy - 0.1) * progress};
}

struct Ending {
  double train, validation, accuracy;
  explicit Ending(Random& random)
      : train(random.uniform(0.5, 1.1)), validation(train - random.uniform(0.2, 0.4)),
        accuracy(std::clamp(1.25 - 0.7 * train, 0.3, 0.95)) {}
  Mean at(double progress) const { return progressed(progress, train, validation, accuracy); }
};

// ---- without a jump ----

inline Curve exponential_decay(Random& random) {
  const Ending ending(random);
  const double tau = std::exp(random.uniform(std::log(60), std::log(3000)));
  return sampled(random.integer(3000, 8000), usual_spacing(random), Noise::typical(random), random,
                 [&](double step) { return ending.at(1 - std::exp(-step / tau)); });
}

inline Curve power_law_decay(Random& random) {
  const Ending ending(random);
  const double scale = std::exp(random.uniform(std::log(50), std::log(1000))),
               power = random.uniform(0.5, 1.5);
  return sampled(random.integer(3000, 8000), usual_spacing(random), Noise::typical(random), random,
                 [&](double step) { return ending.at(1 - std::pow(1 + step / scale, -power)); });
}

/// Two exponentials: a fast one and a slow one, as if there were a shoulder.
inline Curve shoulder(Random& random) {
  const Ending ending(random);
  const double fast = random.uniform(80, 400), slow = random.uniform(1000, 4000),
               share = random.uniform(0.5, 0.9);
  return sampled(
      random.integer(3000, 8000), usual_spacing(random), Noise::typical(random), random, [&](double step) {
        return ending.at(share * (1 - std::exp(-step / fast)) + (1 - share) * (1 - std::exp(-step / slow)));
      });
}

inline Curve noisy_flat(Random& random) {
  const double level = random.uniform(0.6, 2.3);
  return sampled(random.integer(3000, 8000), usual_spacing(random), {random.uniform(0.01, 0.1), 0.05, 0.03},
                 random, [&](double) {
                   return Mean{level, level - 0.3, 0.5};
                 });
}

/// Fluctuations that last for several evaluations and move everything together.
inline Curve drifting_flat(Random& random) {
  const double level = random.uniform(0.9, 1.2), memory = random.uniform(0.7, 0.95),
               size = random.uniform(0.01, 0.03);
  double state = 0;
  auto curve =
      sampled(random.integer(3000, 8000), usual_spacing(random), Noise::typical(random), random, [&](double) {
        return Mean{level, level - 0.35, 0.53};
      });
  for (auto& e : curve.evaluations) {
    state = memory * state + random.normal(size * std::sqrt(1 - memory * memory));
    e.train_loss += state;
    e.validation_loss += state;
    e.accuracy -= state;
  }
  return curve;
}

inline Curve spiky(Random& random) {
  auto curve = random.chance(0.5) ? noisy_flat(random) : exponential_decay(random);
  for (auto& e : curve.evaluations) {
    if (!random.chance(0.05)) continue;
    const double height = random.uniform(-0.5, 1.5); // everything at once, both ways
    e.train_loss += height;
    e.validation_loss += height;
    e.accuracy = std::clamp(e.accuracy - height / 2, 0.0, 1.0);
  }
  return curve;
}

/// Warm restarts: the loss rises at each and falls along a cosine to a little below where it was.
inline Curve cosine_wiggles(Random& random) {
  const Ending ending(random);
  const double tau = random.uniform(100, 800), period = random.uniform(500, 2500),
               height = random.uniform(0.02, 0.12);
  const bool restarts = random.chance(0.5);
  return sampled(random.integer(3000, 8000), usual_spacing(random), Noise::typical(random), random,
                 [&](double step) {
                   const double phase = std::fmod(step / period, 1.0) * std::numbers::pi * (restarts ? 1 : 2);
                   return ending.at((1 - std::exp(-step / tau)) * (1 - height * (1 + std::cos(phase)) / 2));
                 });
}

/// The learning rate is cut twice; each time everything improves at once, by little.
inline Curve learning_rate_steps(Random& random) {
  const Ending ending(random);
  const double tau = random.uniform(100, 500), steps = random.uniform(4000, 8000),
               drop = random.uniform(0.02, 0.06);
  return sampled(static_cast<std::int64_t>(steps), usual_spacing(random), Noise::typical(random), random,
                 [&](double step) {
                   const double cuts = (step > steps * 0.5) + (step > steps * 0.75);
                   return ending.at((1 - std::exp(-step / tau)) * (1 - 2 * drop + drop * cuts));
                 });
}

inline double interpolated(const std::vector<std::pair<double, double>>& table, double x) {
  const auto after =
      std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.first >= x; });
  if (after == table.begin()) return after->second;
  if (after == table.end()) return table.back().second;
  const auto before = std::prev(after);
  return before->second +
         (after->second - before->second) * (x - before->first) / (after->first - before->first);
}

/// eureka.md 6.1, training loss of the three runs over thousands of steps.
inline const std::vector<std::pair<double, double>> seed_1337{
    {0, 2.38},   {1, 1.70},   {2, 1.44},   {3, 1.39},    {5, 1.33},     {10, 1.26},  {20, 1.18},
    {30, 1.13},  {50, 1.08},  {60, 1.066}, {61, 1.067},  {61.5, 1.066}, {62, 1.064}, {63, 1.063},
    {65, 1.062}, {70, 1.058}, {80, 1.048}, {100, 1.046}, {116, 1.041}};
inline const std::vector<std::pair<double, double>> seed_42{
    {0, 2.38},   {1, 1.70},   {2, 1.44},   {3, 1.39},    {5, 1.33},    {10, 1.26},  {20, 1.19},
    {30, 1.16},  {50, 1.08},  {60, 1.06},  {61, 1.01},   {61.5, 0.89}, {62, 0.765}, {63, 0.697},
    {65, 0.635}, {70, 0.587}, {80, 0.549}, {100, 0.518}, {116, 0.514}};
inline const std::vector<std::pair<double, double>> resnet{{0, 2.38},   {1, 0.78},   {2, 0.62},   {3, 0.574},
                                                           {5, 0.531},  {10, 0.516}, {20, 0.510}, {30, 0.506},
                                                           {50, 0.505}, {80, 0.503}, {116, 0.503}};

/// The validation loss (no label smoothing) and the accuracy that belong to a training loss on this task:
/// chance 2.303, two candidates 0.624 and 0.54, floor 0.25 and 0.92 (eureka.md 1.5).
inline Mean on_two_step_task(double train) {
  return {train, interpolated({{0.503, 0.25}, {1.0246, 0.66}, {2.38, 2.303}}, train),
          interpolated({{0.503, 0.92}, {1.0246, 0.54}, {1.7, 0.33}, {2.38, 0.1}}, train)};
}

inline Curve digitised(const std::vector<std::pair<double, double>>& table, Random& random) {
  const std::int64_t spacings[] = {117, 250, 500, 1000};
  const auto spacing = spacings[random.integer(0, 3)];
  const Noise noise{random.uniform(0.003, 0.02), random.uniform(0.003, 0.015), random.uniform(0.003, 0.01)};
  return sampled(116000, spacing, noise, random,
                 [&](double step) { return on_two_step_task(interpolated(table, step / 1000)); });
}

/// Train loss solved early, validation much later and suddenly: grokking, which is something else.
inline Curve grokking(Random& random) {
  const double tau = random.uniform(100, 300), middle = random.uniform(2500, 5000),
               width = random.uniform(50, 300);
  return sampled(7000, usual_spacing(random), {0.005, 0.03, 0.01}, random, [&](double step) {
    const double jump = 1 / (1 + std::exp(-(step - middle) / width));
    return Mean{2.3 * std::exp(-step / tau) + 0.01, 2.5 - 2.3 * jump, 0.1 + 0.88 * jump};
  });
}

/// Train loss falls off its shelf by learning the training set by heart.
inline Curve memorising(Random& random) {
  const double middle = random.uniform(2500, 5000), width = random.uniform(50, 300);
  return sampled(7000, usual_spacing(random), Noise::typical(random), random, [&](double step) {
    const double jump = 1 / (1 + std::exp(-(step - middle) / width)), start = std::exp(-step / 150);
    return Mean{1.03 + 1.3 * start - 0.5 * jump, 0.68 + 1.6 * start + 0.3 * jump, 0.53 * (1 - start)};
  });
}

/// An instability: up within a few evaluations, for a while, and back to where it was.
inline Curve excursion(Random& random) {
  const double from = random.uniform(2000, 4000), length = random.uniform(300, 2500),
               height = random.uniform(0.2, 1.5);
  return sampled(8000, usual_spacing(random), Noise::typical(random), random, [&](double step) {
    const double away = step > from && step < from + length ? height : 0, start = std::exp(-step / 150);
    return Mean{1.03 + 1.3 * start + away, 0.68 + 1.6 * start + away,
                std::max(0.53 * (1 - start) - away / 3, 0.1)};
  });
}

// ---- plateaus that end ----

enum class Cliff { Linear, Logistic, ExponentialTail, Accelerating };

/// Share of a fall of `width` around 0 that is done at x.
inline double fallen(Cliff cliff, double x, double width) {
  switch (cliff) {
  case Cliff::Linear:
    return std::clamp(x / width + 0.5, 0.0, 1.0);
  case Cliff::Logistic:
    return 1 / (1 + std::exp(-6 * x / width)); // 5 to 95 % within the width
  case Cliff::ExponentialTail: {
    const double since = x / width + 0.23; // half-way at 0
    return since > 0 ? 1 - std::exp(-3 * since) : 0;
  }
  case Cliff::Accelerating:
    return x < 0 ? 0.5 * std::exp(4 * x / width) : 1 - 0.5 * std::exp(-8 * x / width);
  }
  return 0;
}

struct Shelf {
  double fall_time, length, width; // steps
  std::int64_t spacing;
  Noise noise;
  Cliff cliff;
  double decline = 0; // of the training loss along the shelf
};

inline Curve shelf_and_cliff(const Shelf& shelf, Random& random) {
  const double high = random.uniform(1.0, 1.06), low = random.uniform(0.55, 0.7);
  const double high_validation = random.uniform(0.65, 0.75), low_validation = random.uniform(0.25, 0.4);
  const double plateau_accuracy = random.uniform(0.5, 0.54), final_accuracy = random.uniform(0.82, 0.92);
  const double middle = 4 * shelf.fall_time + shelf.length + shelf.width / 2;
  const double steps =
      middle + shelf.width / 2 + random.uniform(1000, 2000) + 10.0 * static_cast<double>(shelf.spacing);
  auto curve =
      sampled(static_cast<std::int64_t>(steps), shelf.spacing, shelf.noise, random, [&](double step) {
        const double start = std::exp(-step / shelf.fall_time),
                     done = fallen(shelf.cliff, step - middle, shelf.width);
        const double slope = shelf.decline * (0.5 - std::min(step / middle, 1.0));
        return Mean{high + slope + (2.35 - high) * start + (low - high) * done,
                    high_validation + slope / 2 + (2.3 - high_validation) * start +
                        (low_validation - high_validation) * done,
                    plateau_accuracy * (1 - start) + 0.1 * start +
                        (final_accuracy - plateau_accuracy) * done};
      });
  curve.jump = static_cast<std::int64_t>(middle);
  curve.width = static_cast<std::int64_t>(shelf.width);
  curve.level = high;
  return curve;
}

inline Cliff any_cliff(Random& random) {
  return static_cast<Cliff>(random.integer(0, 3));
}

/// As the shipped study shows it.
inline Curve live_run(Random& random) {
  const Noise noise{random.uniform(0.02, 0.05), random.uniform(0.01, 0.02), random.uniform(0.005, 0.02)};
  return shelf_and_cliff({random.uniform(100, 250), random.uniform(1500, 5000), random.uniform(100, 500),
                          usual_spacing(random), noise, any_cliff(random)},
                         random);
}

inline Curve declining_shelf(Random& random) {
  auto noise = Noise::typical(random);
  return shelf_and_cliff({random.uniform(100, 250), random.uniform(2500, 5000), random.uniform(100, 400),
                          usual_spacing(random), noise, any_cliff(random), random.uniform(0.05, 0.12)},
                         random);
}

/// `evaluations` long cliffs after shelves that are five times as long or longer.
inline Curve cliff_of(int evaluations, double noise, Random& random) {
  const auto spacing = usual_spacing(random);
  const double width = static_cast<double>(spacing) * evaluations;
  const double length = std::max(width * random.uniform(5, 8), 20.0 * static_cast<double>(spacing));
  return shelf_and_cliff({random.uniform(2, 5) * static_cast<double>(spacing),
                          length,
                          width,
                          spacing,
                          {noise, noise / 2, noise / 2},
                          any_cliff(random)},
                         random);
}

/// Down from a shelf over a time as long as the shelf.
inline Curve gradual_escape(Random& random) {
  const double length = random.uniform(1500, 3000);
  return shelf_and_cliff({random.uniform(100, 250), length, length * random.uniform(1, 2),
                          usual_spacing(random), Noise::typical(random),
                          random.chance(0.5) ? Cliff::Linear : Cliff::Logistic},
                         random);
}

} // namespace curves
