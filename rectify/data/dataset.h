#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rectify/base/shape.h"
#include "rectify/base/thread_pool.h"

namespace rectify::data {

/// The samples of one split, row after row. Exactly one of `bytes` and `values` is filled: images
/// keep their 8 bits (a quarter of the memory traffic), everything else is float. Exactly one of
/// `labels` (classification, `label_width` a sample) and `targets` (regression, `target_width`
/// numbers a sample) is filled.
struct Split {
  std::size_t count = 0;
  std::vector<std::uint8_t> bytes;
  std::vector<float> values;
  std::vector<std::int32_t> labels;
  std::vector<float> targets;
};

/// What a data SPEC stands for: a training and a test split of samples of one shape.
struct Dataset {
  std::string spec;                      ///< as the person wrote it
  Shape sample_shape;                    ///< 28x28x1, or 2 for points in the plane
  std::vector<std::string> class_names;  ///< empty for regression
  std::int64_t label_width = 1;          ///< labels of a sample: more than 1 in a text
  bool ids = false;                      ///< samples are positions among `class_names`, not numbers
  std::int64_t target_width = 0;         ///< numbers a target has; 0 for classification
  std::vector<std::string> columns;      ///< names of a table's features; empty for other data
  Split train;
  Split test;
  std::vector<std::string> notes;  ///< what the person should know: a held-out test split, ...

  std::size_t features() const { return static_cast<std::size_t>(sample_shape.size()); }
  std::size_t classes() const { return class_names.size(); }
};

/// Opens or generates what `spec` names (see the data SPEC in docs/data.md). Throws Error when the
/// kind is unknown (the nearest is suggested), a file is missing or wrong, or an option is.
Dataset open(const std::string& spec, ThreadPool& threads);

/// A hash of the samples and labels of both splits, to tell changed data when a run is resumed.
std::uint64_t fingerprint(const Dataset& dataset);

/// Maps a stored value v to (v - mean) * scale.
struct Scaling {
  float mean = 0;
  float scale = 1;

  bool operator==(const Scaling&) const = default;
};

/// How samples go into a network, and how targets are seen by its loss; computed from training
/// samples, carried by the model.
struct Normalisation {
  /// One for all features, one for each, or one for each channel: the features of a sample take
  /// them in turn, again and again.
  std::vector<Scaling> inputs = std::vector<Scaling>(1);
  std::vector<Scaling> targets;  ///< one for each number of a target; empty: as they are

  bool operator==(const Normalisation&) const = default;
};

/// By mean and standard deviation of the training samples `rows`. Ids stay as they are. Features of
/// a table (those with `columns`), channels of images and targets have their own each; a feature of
/// a table that is constant becomes 0 whatever comes later, since nothing is known about it. All
/// other features share one scaling.
Normalisation normalisation_of(const Dataset& dataset, std::span<const std::uint32_t> rows,
                               ThreadPool& threads);

/// A mean and a standard deviation for each of the `channels` that the features of the samples
/// `rows` of `split` belong to in turn.
std::vector<Scaling> scalings_of(const Split& split, std::size_t channels,
                                 std::span<const std::uint32_t> rows, ThreadPool& threads);

/// Brings what a network answers, rows of `targets.size()` numbers, to the units of the targets.
void to_targets(std::span<float> answers, std::span<const Scaling> targets);

/// Training and validation samples: positions in the training split, each ascending.
struct Partition {
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> validation;
  /// What is looked at after every epoch: the validation samples, or where there are none, training
  /// samples at equal distances, at most 2000.
  std::vector<std::uint32_t> watched;
};

/// Holds out `fraction` (0 <= fraction < 1) of `split` for validation, where samples have one label
/// the same share of every class (rounded), chosen by `seed`. Throws Error when a side that is
/// needed would be empty.
Partition hold_out(const Split& split, double fraction, std::uint64_t seed);

/// The order in which an epoch visits `rows`: a permutation addressed by (seed, epoch), the same
/// for every model that trains on them.
std::vector<std::uint32_t> epoch_order(std::span<const std::uint32_t> rows, std::uint64_t seed,
                                       std::uint32_t epoch);

/// Writes the samples `rows`, scaled as in Normalisation::inputs, to `out` (rows.size() x features,
/// row-major).
void gather(const Split& split, std::size_t features, std::span<const std::uint32_t> rows,
            std::span<const Scaling> scalings, float* out);

/// The same for samples in memory, row after row.
void scale(std::span<const float> samples, std::size_t features, std::span<const Scaling> scalings,
           float* out);

}  // namespace rectify::data
