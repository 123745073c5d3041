#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rectify/activation/unit.h"
#include "rectify/base/shape.h"
#include "rectify/base/thread_pool.h"

namespace rectify::pretrain {

/// A convolutional restricted Boltzmann machine (Lee, Grosse, Ranganath & Ng 2009). Hidden unit k
/// at each place (i, j) sees a window of the picture v by the same weights: its total input is
/// x_ijk = c_k + the sum of v_(i+s)(j+t)m W_stmk. The energy is -x h summed over all hidden units
/// less b_m v for each visible one, plus v²/2 where these are gaussian. Of the binary hidden units
/// k in a block of pool x pool places at most one is on.
struct ConvolutionalMachine {
  const activation::Unit* visible = nullptr;
  const activation::Unit* hidden = nullptr;
  Shape picture;                    ///< height x width x channels
  std::int64_t kernel = 1;          ///< height and width of the window
  std::int64_t pool = 1;            ///< of a block; divides the places
  std::vector<float> weight;        ///< W: kernel x kernel x channels x units
  std::vector<float> visible_bias;  ///< b, one a channel
  std::vector<float> hidden_bias;   ///< c, one a unit

  /// Height x width x units of the hidden layer.
  Shape places() const;
};

/// Whether the machine's free energy is known: its visible units are binary or gaussian.
bool has_free_energy(const ConvolutionalMachine& machine);

/// F(v) for each of some pictures, as free_energies() of a Machine: a block of binary units adds
/// -ln(1 + the sum of exp(x) over it), a rectified unit what it does there. Throws Error unless
/// has_free_energy().
std::vector<double> free_energies(const ConvolutionalMachine& machine,
                                  std::span<const float> pictures, ThreadPool& threads);

}  // namespace rectify::pretrain
