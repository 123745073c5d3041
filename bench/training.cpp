// Prints the seconds of one training step of an MLP as JSON: bench_training [BATCH] [STEPS]
// [THREADS]. The work of bench/against/pytorch_mlp.py: 8-bit images gathered by a shuffled index,
// Nesterov.

#include <cstdio>
#include <cstdlib>

#include "rectify/base/random.h"
#include "rectify/train/trainer.h"

namespace {

rectify::data::Dataset random_images(std::size_t count, std::size_t features) {
  const rectify::Random random(1);
  rectify::data::Dataset dataset{.spec = "random",
                                 .sample_shape = rectify::Shape{static_cast<long>(features)}};
  for (int c = 0; c < 10; ++c) dataset.class_names.push_back(std::to_string(c));
  dataset.train.count = count;
  for (std::size_t i = 0; i < count * features; ++i)
    dataset.train.bytes.push_back(static_cast<std::uint8_t>(random.below(i, 256)));
  for (std::size_t i = 0; i < count; ++i)
    dataset.train.labels.push_back(static_cast<std::int32_t>(i % 10));
  dataset.test = dataset.train;
  return dataset;
}

}  // namespace

int main(int count, char** words) {
  const int batch = count > 1 ? std::atoi(words[1]) : 128;
  const int steps = count > 2 ? std::atoi(words[2]) : 60;
  rectify::ThreadPool threads(count > 3 ? std::atoi(words[3]) : 0);
  const auto dataset = random_images(static_cast<std::size_t>(batch) * steps, 784);
  rectify::train::Options options;
  options.model = "784 : dense 1000 | relu | dense 1000 | relu | dense 1000 | relu | dense 10";
  options.batch = batch;
  options.epochs = 2;
  options.validation = 0;
  rectify::train::Trainer trainer(options, dataset, threads);
  trainer.train_epoch();  // warm-up
  trainer.train_epoch();
  const double seconds = trainer.history().back().seconds / steps;
  std::printf("{\"seconds_per_step\": %.6g, \"samples_per_second\": %.6g, \"threads\": %d}\n",
              seconds, batch / seconds, threads.threads());
}
