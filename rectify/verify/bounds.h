#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rectify/verify/combine.h"
#include "rectify/verify/network.h"
#include "rectify/verify/property.h"

namespace rectify::verify {

/// Bounds of the numbers of all layers, layer after layer: what the float32 network computes lies
/// between, for every input of a box.
struct Ranges {
  std::vector<double> lower, upper;
};

/// A number of a layer that is on one side of its kink: at least 0, or at most 0.
struct Decision {
  std::uint32_t layer = 0, number = 0;
  bool positive = false;
};

/// What is known about a layer for one box. Vectors have a number for each number of the layer.
struct LayerState {
  std::vector<double> size;  ///< the largest absolute value
  std::vector<double>
      error;  ///< affine and smooth: what rounding may change, here and in the walk back
  /// Of a gate: what it may multiply each number by.
  std::vector<activation::Interval> factors;
  /// Activation y of x: low_slope x + low_offset <= y <= high_slope x + high_offset.
  std::vector<double> low_slope, low_offset, high_slope, high_offset;
  std::vector<std::uint32_t> live;   ///< the numbers that matter to later layers
  std::vector<std::uint32_t> place;  ///< of each number among the live ones; absent: not live
  static constexpr std::uint32_t absent = static_cast<std::uint32_t>(-1);

  void set_live(std::vector<std::uint32_t> list, std::size_t width);
};

/// Facts about a network's structure that walks need.
class Structure {
 public:
  explicit Structure(const Network& network);
  const Network& network;
  std::vector<std::size_t> first;    ///< the place of each layer in Ranges; then their number
  std::vector<std::size_t> only_by;  ///< the activation that alone reads a layer; none
  std::vector<bool> is_bounded;      ///< whether an activation reads the layer
  std::vector<bool> is_bent;         ///< whether one of them is smooth
  std::vector<std::vector<std::vector<double>>> turned;  ///< dense matrices: layer, term; out x in
  double share;  ///< the rounding of sums in double precision, relative to the sums of sizes
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
};

/// Linear functions on their way from a layer back to the inputs.
class Walk {
 public:
  explicit Walk(const Structure& structure);

  /// Forgets what was there, and makes room for so many functions.
  void start(std::size_t functions);
  std::size_t columns() const { return columns_; }
  /// The coefficients of a layer's live numbers, to add to: live x columns().
  double* block(std::size_t layer, const std::vector<LayerState>& states);
  std::span<double> sums() { return sums_; }
  /// Adds the numbers of an affine layer, times 1 or -1, as functions from `column` on.
  void add_numbers(std::size_t layer, std::span<const std::uint32_t> numbers, double factor,
                   std::size_t column, std::size_t step, const std::vector<LayerState>& states);
  /// From now on finds out what activations cost the first functions; 0: none.
  void watch(std::size_t functions);
  std::span<const double> losses() const { return losses_; }
  /// Takes all functions from layers before `end` to the inputs. sums() are then lower bounds.
  void run(std::size_t end, const std::vector<LayerState>& states, const Ranges& ranges);
  /// Adds what an affine layer's coefficients `x`, for the numbers `list`, are of earlier layers.
  void through_affine(std::size_t layer, const double* x, std::span<const std::uint32_t> list,
                      const std::vector<LayerState>& states);

 private:
  void through_activation(std::size_t layer, const std::vector<LayerState>& states);

  const Structure& structure_;
  std::size_t columns_ = 0;
  std::vector<std::vector<double>> blocks_;
  std::vector<char> filled_;
  std::vector<double> sums_, above_, below_;
  std::size_t watched_ = 0;
  std::vector<double> losses_;
};

/// Bounds for the inputs of a box: intervals forwards, and linear functions backwards from each
/// number that may be on either side of a kink (Zhang et al. 2018, "Efficient neural network
/// robustness certification with general activation functions"; Singh et al. 2019, "An abstract
/// domain for certifying neural networks").
///
/// All bounds hold for the float32 network. They are added up in double precision, with rounding
/// errors: a coefficient that is off by a share of what it was summed from changes a bound by at
/// most that share of the sizes of what it multiplies. These sums of sizes also bound the errors of
/// the float32 network, so one term for each number covers both (decision 26).
///
/// An object has the memory for one computation at a time.
class Bounder {
 public:
  explicit Bounder(const Structure& structure);

  /// Ranges that exclude nothing.
  Ranges unknown() const;

  /// Narrows `ranges`, which hold already, to what follows from the box. False where no input of
  /// the box can be in them. Layers before `first` are as the last narrow() left them.
  bool narrow(const Box& box, Ranges& ranges, std::size_t first = 1);

  /// What the numbers of a gate may be multiplied by from now on, a pair for each.
  void set_factors(std::size_t layer, std::vector<activation::Interval> factors);

  /// Bounds functions from below, for the box and the ranges of the last narrow(). First come sums
  /// c y of the outputs, `coefficients` being their number x outputs; then for each decision a
  /// number that it says is at most 0. Fills in lower and slopes; count and bound stay.
  void bound(const Ranges& ranges, std::span<const double> coefficients,
             std::span<const Decision> decisions, LowerBounds& bounds);

  /// After bound(): what the line of each activation that may be on both sides costs the bounds of
  /// the sums, at most; for each number of each layer.
  std::span<const double> losses() const { return walk_.losses(); }

  /// For each input an estimate of how much the slope of c y in it differs between pieces of the
  /// box: half the width of the interval of slopes.
  void spread(const Ranges& ranges, std::span<const double> coefficients, std::span<double> spread);

  /// What the last narrow() left.
  const std::vector<LayerState>& states() const { return states_; }

  /// Whether the float32 network may overflow in the box; then nothing is known.
  bool overflows() const { return overflows_; }

 private:
  void set_input(const Box& box, Ranges& ranges);
  void pass_intervals(std::size_t layer, Ranges& ranges);
  void narrow_backwards(std::size_t layer, Ranges& ranges);
  void narrow_some(std::size_t layer, std::span<const std::uint32_t> numbers, Ranges& ranges);
  void pass_relu(std::size_t layer, Ranges& ranges);
  void pass_gate(std::size_t layer, Ranges& ranges);
  void pass_curve(std::size_t layer, Ranges& ranges);
  void finish_activation(std::size_t layer);

  const Structure& structure_;
  std::vector<LayerState> states_;
  Walk walk_;
  bool overflows_ = false;
  std::vector<double> middle_, radius_, size_;
};

/// What holds for all inputs of a box, its ends rounded to float32 too. Throws Error for a box that
/// does not fit the network, and where the network may overflow.
Ranges narrowed(Bounder& bounder, const Structure& structure, const Box& box);

}  // namespace rectify::verify
