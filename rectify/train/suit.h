#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/train/options.h"

namespace rectify::train {

/// Options that suit the data, where the usual ones do not: `nesterov` at 0.2 is made for the wide
/// networks of MNIST. Deep ones, convolutions and small data sets are at or beyond the edge there,
/// and stay at chance or go non-finite (docs/decisions/0031).
///
/// Rows of numbers: adamw at 0.003; weight decay 1 up to 1,000 samples and less in proportion
/// above, at least 0.01; batches of 32 below 5,000 samples; as many epochs as take 4,000 steps, at
/// least 20 and at most 200. Chosen on other splits than docs/tables.md measures
/// (docs/decisions/0018). Where the weights do not come from a file, suited_normaliser() too.
/// Images: adamw at 0.003, and batches of 32 below 5,000 samples. Texts: adamw at 0.002, weight
/// decay 0.01, batches of 16. Of these two nothing with Options::certify.
///
/// Replaces those options of which `is_own`, asked by an option's name, is false; optimiser, rate
/// and decay belong together, so that none is replaced where the user chose the optimiser or the
/// rate (and of images and texts nothing else is). Returns the names of what was replaced. Throws
/// Error where the data contradict themselves (data::check).
std::vector<std::string_view> suit(Options& options, const data::Dataset& dataset,
                                   const std::function<bool(std::string_view)>& is_own);

/// The same in a program: an option that differs from that of `Options()` is one's own.
///
///     train::Options options;
///     options.data = "glyphs";
///     options.model = "lenet5";
///     const data::Dataset digits = data::open(options.data, threads);
///     train::suit(options, digits);  // adamw at 0.003
std::vector<std::string_view> suit(Options& options, const data::Dataset& dataset);

/// `features` for arrays of rows whose features are unlike (a weight in grams beside a share): the
/// one scale of `standard` leaves half of them below a quarter of a deviation. Else `standard`.
/// Throws Error as suit() does.
data::Normaliser suited_normaliser(const data::Dataset& dataset);

/// Widths of hidden layers that suit the same data.
inline constexpr std::string_view suited_hidden = "100,100";

/// Whether the samples are rows of numbers.
bool is_of_rows(const data::Dataset& dataset);

}  // namespace rectify::train
