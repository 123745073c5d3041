#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace rectify::activation {

/// Which random numbers a unit's sample is made of.
enum class Draws { uniform, normal, uniform_of_each_copy, one_of_all };

/// A type of stochastic unit, of which Boltzmann machines are made. x is a unit's total input. The
/// rows of unit_rows.h and what follows from them; `copies` is read where has_copies.
struct Unit {
  std::string_view name;
  std::string_view summary;
  std::string_view source;
  Draws draws;
  bool has_zeros = false;       ///< whether samples are often exactly 0
  bool has_copies = false;      ///< whether it stands for a given number of binary copies
  std::string_view activation;  ///< what a network without noise has in its place

  /// Its mean and its variance given x; null for softmax, where they depend on the whole layer.
  double (*mean)(double x, int copies);
  double (*variance)(double x, int copies);
  /// The layer's share of a machine's negative free energy: the logarithm of the sum of exp(x h)
  /// over its units' states. Rectified units stand for binary copies with inputs x - i + 1/2, i =
  /// 1, 2, ...: of those it is the sum of ln(1 + exp(x - i + 1/2)) (Nair & Hinton 2010, section 2).
  double (*free_energy)(std::span<const double> x, int copies);

  std::size_t index = 0;  ///< in units()
};

/// binary, bipolar, gaussian, softmax, nrelu, stepped and capped.
std::span<const Unit> units();

/// The unit type with this name. Throws Error, which suggests the nearest.
const Unit& unit(std::string_view name);

/// Random numbers that a sample of one unit needs.
inline int draws_of(const Unit& unit, int copies) {
  return unit.draws == Draws::uniform_of_each_copy ? copies : 1;
}

/// The loops of a unit type; null for softmax.
struct UnitKernels {
  /// y[i] = mean of the unit with the total input x[i].
  void (*mean)(const float* x, float* y, std::size_t n, int copies);
  /// y[i] = sample of it, made from drawn[i]. With one number for each copy: y[i] += sample of
  /// copy `copy`, from 0, which begins at 0.
  void (*sample)(const float* x, const float* drawn, float* y, std::size_t n, int copy, int copies);
};

/// The kernels for the instruction set in force.
const UnitKernels& kernels(const Unit& unit);

}  // namespace rectify::activation
