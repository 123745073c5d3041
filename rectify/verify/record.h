#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "rectify/verify/bounds.h"

namespace rectify::verify {

/// How a search took a property apart, as far as certify() needs it: the splits, but no bound.
struct Record {
  /// A box, or a part of one, of an input search.
  struct Part {
    enum class Kind {
      leaf,    ///< all cases were proven
      split,   ///< halved along `axis` at `value`
      decide,  ///< a number was decided: at most 0, then at least 0
      anew,    ///< looked at again without what was decided
    };
    Kind kind = Kind::leaf;
    std::uint32_t axis = 0;
    double value = 0;
    Decision number = {};
    std::array<std::uint32_t, 2> halves = {};  ///< in `parts`
  };
  struct Root {
    std::vector<std::uint32_t> cases;
    std::uint32_t part;
  };
  std::vector<Root> roots;
  std::vector<Part> parts;

  /// A sub-problem of a neuron search that was proven. Those of a case are all there are.
  struct Leaf {
    std::uint32_t row;  ///< the half space of the case
    std::vector<Decision> decisions;
    std::vector<float> weights;  ///< of each decision
    std::vector<float> slopes;   ///< of the numbers of the case's `open`
  };
  /// Cases that a neuron search proved by leaves.
  struct Case {
    std::uint32_t at;
    std::vector<Decision> open;  ///< the relus that slopes are of
    std::vector<Leaf> leaves;
  };
  std::vector<Case> cases;

  /// That a hidden number is at least `value` (positive) or at most: a bound with slopes and, where
  /// it has several leaves, decisions of its own.
  struct Claim {
    Decision number;
    double value;
    std::vector<Leaf> leaves;
  };
  /// Bounds of hidden numbers in the box of a case, after which all numbers were bounded anew. In
  /// the order in which they were found.
  struct Refinement {
    std::uint32_t at;            ///< a case with this box
    std::vector<Decision> open;  ///< the relus that slopes are of
    std::vector<Claim> claims;
  };
  std::vector<Refinement> refinements;

  std::uint32_t add_part() {
    parts.emplace_back();
    return static_cast<std::uint32_t>(parts.size() - 1);
  }
};

}  // namespace rectify::verify
