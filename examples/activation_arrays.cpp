// Activations on plain arrays, without a network: y = gelu(x) and what backpropagation needs.
//
//     activation_arrays [NAME]
//
// prints x, f(x) and f'(x) for a few numbers; without a NAME for gelu.

#include <cstdio>
#include <exception>
#include <vector>

#include "rectify/activation/arrays.h"

int main(int argc, char** argv) try {
  const char* name = argc > 1 ? argv[1] : "gelu";
  const std::vector<float> x = {-3, -1, -0.5f, 0, 0.5f, 1, 3}, ones(x.size(), 1.0f);
  std::vector<float> y(x.size()), slope(x.size());
  rectify::activation::forward(name, x, y);
  rectify::activation::backward(name, x, ones, slope);
  std::printf("%8s %12s %12s\n", "x", name, "derivative");
  for (std::size_t i = 0; i < x.size(); ++i)
    std::printf("%8g %12.6f %12.6f\n", x[i], y[i], slope[i]);
} catch (const std::exception& e) {
  std::fprintf(stderr, "activation_arrays: error: %s\n", e.what());
  return 1;
}
