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
/// `labels` (classification) and `targets` (regression, `target_width` numbers a sample) is filled.
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
  std::int64_t target_width = 0;         ///< numbers a target has; 0 for classification
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

/// Maps a stored value v to (v - mean) * scale; computed from a training split, carried by the
/// model.
struct Normalisation {
  float mean = 0;
  float scale = 1;
};

/// One mean and one standard deviation over all features of the samples `rows` of `split`.
Normalisation normalisation_of(const Split& split, std::span<const std::uint32_t> rows);

/// Training and validation samples: positions in the training split, each ascending.
struct Partition {
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> validation;
};

/// Holds out `fraction` (0 <= fraction < 1) of `split` for validation, the same share of every
/// class (rounded), chosen by `seed`. Throws Error when a side that is needed would be empty.
Partition hold_out(const Split& split, double fraction, std::uint64_t seed);

/// The order in which an epoch visits `rows`: a permutation addressed by (seed, epoch), the same
/// for every model that trains on them.
std::vector<std::uint32_t> epoch_order(std::span<const std::uint32_t> rows, std::uint64_t seed,
                                       std::uint32_t epoch);

/// Writes the normalised samples `rows` to `out` (rows.size() x features, row-major).
void gather(const Split& split, std::size_t features, std::span<const std::uint32_t> rows,
            Normalisation normalisation, float* out);

}  // namespace rectify::data
