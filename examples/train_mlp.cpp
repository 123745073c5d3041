// Trains a small network on written digits that the library makes itself, and uses it.
// Expect about 6 % test error after 5 epochs.

#include <cstdio>

#include "rectify/model/file.h"
#include "rectify/model/safetensors.h"
#include "rectify/train/suit.h"
#include "rectify/train/trainer.h"

int main() {
  using namespace rectify;
  try {
    ThreadPool threads;
    train::Options options;
    options.data = "glyphs:train=10000,test=2000";
    options.model = "784 : dense 128 | relu | dense 128 | relu | dense 10";
    options.epochs = 5;
    const data::Dataset digits = data::open(options.data, threads);
    train::suit(options, digits);  // optimizer and rate, as rectify train takes them

    train::Trainer trainer(options, digits, threads);
    while (!trainer.finished()) {
      trainer.train_epoch();
      const train::EpochRecord& epoch = trainer.history().back();
      std::printf("epoch %d: loss %.3f, validation error %.2f %%\n", epoch.epoch, epoch.train_loss,
                  100 * epoch.validation_error);
    }
    std::printf("test error %.2f %%\n", 100 * trainer.evaluate_test(true).error);
    model::save("digits.safetensors", model::to_file(trainer.best_model()));
  } catch (const Error& error) {
    std::fprintf(stderr, "train_mlp: %s\n", error.what());
    return 1;
  }
}
