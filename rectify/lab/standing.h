#pragma once

#include <limits>
#include <span>
#include <string>
#include <vector>

#include "rectify/base/json.h"
#include "rectify/report/lab.h"

namespace rectify::lab {

/// What an account says of a number. A recipe writes it as one of
///
///     {by = "C", above = 0, size = 0.77, within = 0.1}   # larger than 0, by 0.77 give or take 0.1
///     {by = "C", below = 5}                              # less than 5
///     {by = "C", near = 50, within = 2}                  # from 48 to 52
///     {by = "C", between = [10, 40]}                     # likewise with `within` on either side
///
/// A number is meant to its printed digits if it is a text, "5.9e-6", else to a thousand millionth,
/// which rounding may take; unless there is a `within`, which goes with all but above and below
/// alone and a size from one number to another.
///
/// `absolute = true` says that the number is an error or the like on the claim's own data, of which
/// other data tell nothing. `doubtful = true`: the source should be looked up before it is quoted.
struct Said {
  enum class Kind { above, below, between };
  std::string by;
  Kind kind = Kind::between;
  double bound = 0;          ///< of above and below: where there is no effect
  double low = 0, high = 0;  ///< of between; of above and below the claimed sizes, NaN without
  double within = 0;         ///< the recipe's own tolerance, which is in `low` and `high`; >= 0
  double figure = std::numeric_limits<double>::quiet_NaN();  ///< the claimed number, for people
  bool absolute = false, doubtful = false;

  /// Throws Error, which names `where`, for what says nothing or contradicts itself.
  static Said from(const Json& json, const std::string& where);
  /// "above 0, by 0.77 ± 0.1", with the unit.
  std::string text(const std::string& unit) const;
};

/// Numbers measured with several seeds, with the 95 % interval of their mean by Student's t. Of
/// three or more that are the same, but for rounding, the interval is that value; of two, as of one
/// alone, there is none (NaN), unless it is `exact`: nothing random is in it.
struct Sample {
  std::vector<double> values;
  bool exact = false;
  double mean = 0, low = 0, high = 0;

  Sample(std::vector<double> values, bool exact);
};

/// Whether what is said stands up to what was measured.
///
/// - above, below: *does not hold* where the whole interval is on the wrong side of the bound, or
///   has the bound inside and ends below every claimed size; *cannot be told* where it has the
///   bound inside otherwise; else the direction is right. Then it *holds* where no size is claimed,
///   or where the interval of the difference to the bound meets the claimed sizes; otherwise it
///   holds *in direction but not in size*.
/// - above, below, where all values are the bound: *does not hold* where they are exact or of six
///   seeds or more, else *cannot be told*. Were most runs beyond the bound, none of six would be in
///   one of 64 experiments at most.
/// - between: *holds* where the whole interval lies within the limits (a test of equivalence),
///   *does not hold* where all of it lies outside, else *cannot be told*.
///
/// A wrong claim is called right in at most 2.5 % of all experiments: each rule asks an interval of
/// 95 % to lie on one side of a limit. A recipe's claims together hold where each does, so their
/// number needs no correction (Berger 1982, intersection-union tests). `stand_in`: the data are not
/// those of the claim, or only a part of them. `missing` is the reason where a value is no number.
struct Assessment {
  report::Standing standing = report::Standing::cannot_be_told;
  std::string reason;
};
Assessment assess(const Said& said, const Sample& sample, bool stand_in, const std::string& unit,
                  const std::string& missing = "there is no number for some seed");

}  // namespace rectify::lab
