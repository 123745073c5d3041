#pragma once

#include <thread>

namespace rectify::run {

/// oneDNN generates its kernels of products when the first product runs, which takes some 50 ms of
/// one thread. While this lives, a thread of its own has that done; a product that comes meanwhile
/// waits for it. For programs that read data before they train.
class WarmUp {
 public:
  WarmUp();

 private:
  std::jthread thread_;
};

}  // namespace rectify::run
