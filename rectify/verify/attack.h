#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "rectify/verify/bounds.h"
#include "rectify/verify/falsify.h"

namespace rectify::verify {

/// An excess in double precision that may be none in float32.
inline constexpr double nearly_inside = 1e-6;

/// How many drawn inputs attack() goes down from, and how far.
struct AttackSize {
  std::size_t starts = 64, steps = 60;
};

/// Goes down from one input to another of the case's box whose worst excess over a half space is
/// smaller, as far as it gets. Where there are few inputs, a step goes to the best place of a small
/// box for all half spaces at once, as if the network were linear there (Hong et al. 2011,
/// "Sequential linear programming", is the classic form); otherwise it goes along the signs of the
/// gradient (Madry et al. 2018, "Towards deep learning models resistant to adversarial attacks").
class Descent {
 public:
  Descent(const Structure& structure, const Unsafe& unsafe);

  /// The place in the box at these shares of its width.
  std::vector<double> place(std::span<const double> shares) const;
  double excess_at(std::span<const double> x) const;
  /// Takes at most `steps` steps, the first of at most `share` of the box's width. Returns the
  /// excess where it ends: it goes on below 0, as rounding in float32 may take some back.
  double run(std::vector<double>& x, std::size_t steps, double share);
  std::vector<float> rounded(std::span<const double> x) const { return rounded_into(box_, x); }

 private:
  std::vector<double> step(const std::vector<double>& x, double share);

  const Structure& structure_;
  const Unsafe& unsafe_;
  FloatBox box_;
  Bounder bounder_;
};

/// Looks for an unsafe input of a case: goes down from drawn inputs, until `stop` says
/// so. The same for
/// the same seed.
std::optional<Violation> attack(const model::Predictor& predictor, const Structure& structure,
                                const Property& property, std::size_t at, std::uint64_t seed,
                                const AttackSize& size = {}, const StopCallback& stop = {});

}  // namespace rectify::verify
