#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/shape.h"
#include "rectify/base/thread_pool.h"
#include "rectify/data/splits/task.h"
#include "rectify/data/table/form.h"

namespace rectify::data {

/// The samples of one split, one after the other. Either `bytes` or `values` is filled: images keep
/// their 8 bits (a quarter of the memory traffic), all other samples are floats. Either `labels` or
/// `targets` is filled: in classification `label_width` labels for each sample, in regression
/// `target_width` numbers for each sample.
struct Split {
  std::size_t count = 0;
  std::vector<std::uint8_t> bytes;
  std::vector<float> values;
  std::vector<std::int32_t> labels;
  std::vector<float> targets;
};

/// The data that a SPEC stands for: a training split and a test split of samples of one shape.
///
///     ThreadPool threads;
///     const Dataset digits = data::open("glyphs:train=1000,test=200", threads);
///     digits.sample_shape.text();  // "28x28x1"
///     digits.train.count;          // 1000
///     digits.classes();            // 10
struct Dataset {
  std::string spec;                      ///< as the user wrote it
  Shape sample_shape;                    ///< 28x28x1, or 2 for points in the plane
  std::vector<std::string> class_names;  ///< empty for regression
  std::int64_t label_width = 1;          ///< labels of one sample; more than 1 in texts
  bool ids = false;                      ///< samples are positions in `class_names`, not numbers
  std::int64_t target_width = 0;         ///< numbers of one target; 0 for classification
  std::vector<std::string> columns;      ///< names of a table's features; empty for other data
  TableForm table;                       ///< how a table's rows became samples; empty as before
  Split train;
  Split test;
  std::vector<std::string> notes;  ///< for the user: a test split was held out, ...

  std::size_t features() const { return static_cast<std::size_t>(sample_shape.size()); }
  std::size_t classes() const { return class_names.size(); }
};

/// What a trained model knows of data that it is to be used on.
struct Known {
  Task task = Task::automatic;       ///< whether its answers are classes or numbers
  const TableForm* table = nullptr;  ///< how rows became samples in training
  bool whole = false;                ///< no test split is held out: all samples are in `train`
  bool or_own_test = false;          ///< with `whole`: data with a test split keep it, else an error
};

/// Opens or generates the data that `spec` names (docs/data.md lists all kinds). Throws Error when
/// the kind is unknown (the nearest is suggested), when a file is missing or wrong, when an option
/// is unknown or out of range, or when a table lacks a column that the model knows.
Dataset open(const std::string& spec, ThreadPool& threads, const Known& known = {});

/// The files and folders that `spec` names, whether they are there or not: of
/// "csv:a.csv:y,test=b.csv" a.csv and b.csv; none where samples are generated. Throws Error like
/// open() for an unknown kind, and for options that a kind does not have.
std::vector<std::string> paths_of(const std::string& spec);

/// `spec` with "task=..." added, for data of which either task can be asked. Throws Error for data
/// of another kind, and where `spec` says another task.
std::string with_task(const std::string& spec, Task task);

/// Whether with_task() takes `spec`, which says nothing of the task yet.
bool leaves_task_open(const std::string& spec);

/// Checks a data set that a program made in memory: that each split has as many numbers, labels and
/// targets as its `count` says, and each label a class name. A split may be empty, and may have
/// neither labels nor targets. Throws Error, naming the split and the first wrong sample. One pass
/// over the labels; what open() returns passes.
void check(const Dataset& dataset);

/// The same for one split, which need not be one of the data set's; `what` names it in the error.
void check(const Dataset& dataset, const Split& split, const std::string& what);

/// A hash of the samples and labels of both splits. It detects changed data when a run is resumed.
std::uint64_t fingerprint(const Dataset& dataset);

/// Maps a stored value v to (v - mean) * scale.
struct Scaling {
  float mean = 0;
  float scale = 1;

  bool operator==(const Scaling&) const = default;
};

/// How samples are scaled before they enter a network, and targets before they enter its loss. It
/// is computed from training samples, and a model carries it.
struct Normalisation {
  /// One scaling for all features, or one for each feature, or one for each channel. Feature i of a
  /// sample uses scaling i modulo their number.
  std::vector<Scaling> inputs = std::vector<Scaling>(1);
  std::vector<Scaling> targets;  ///< one for each number of a target; empty: not scaled

  bool operator==(const Normalisation&) const = default;
};

/// What samples are scaled to: mean 0 and standard deviation 1, all together or each feature by
/// itself; the range 0 to 1; or nothing, as they are stored.
enum class Normaliser { standard, features, range, none };
constexpr std::array<std::string_view, 4> names_of(Normaliser) {
  return {"standard", "features", "range", "none"};
}

/// Scalings by what the training samples with the numbers `samples` say. Each feature of a table
/// (data with `columns`), each channel of an image and each number of a target has its own scaling;
/// the features of other data share one. With `features` each place along the last axis has its
/// own: a feature of a flat sample, a channel of others. Ids are not scaled, and targets always to
/// mean 0 and deviation 1. A constant feature or channel becomes 0 by `features`, and that of a
/// table by any normaliser, in later data too, because nothing is known about it.
Normalisation normalisation_of(const Dataset& dataset, std::span<const std::uint32_t> samples,
                               ThreadPool& threads, Normaliser how = Normaliser::standard);

/// Scalings by mean and standard deviation, one for each of `channels`; feature i belongs to
/// channel i modulo `channels`. Only the samples of `split` with the numbers `samples` count.
std::vector<Scaling> scalings_of(const Split& split, std::size_t channels,
                                 std::span<const std::uint32_t> samples, ThreadPool& threads);

/// The standard deviation of the middle feature over that of all numbers of `split` together:
/// about 1 where features are alike, 0.01 where one scale for all leaves most of them next to
/// nothing. Constant features do not count; 1 where all are. Of samples that are floats.
double likeness_of_features(const Split& split);

/// Converts the answers of a network, `targets.size()` numbers for each sample, to the units of the
/// targets.
void to_targets(std::span<float> answers, std::span<const Scaling> targets);

/// Which samples of the training split are for training and which for validation, by their numbers,
/// ascending.
struct Partition {
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> validation;
  /// The samples that are evaluated after every epoch: the validation samples, or, if there are
  /// none, at most 2000 training samples at equal distances.
  std::vector<std::uint32_t> watched;
};

/// Holds out `fraction` (0 <= fraction < 1) of `split` for validation. Where samples have one label
/// each, the same share of every class (rounded) is held out. `seed` chooses the samples. Throws
/// Error when a part that is needed would be empty.
Partition hold_out(const Split& split, double fraction, std::uint64_t seed);

/// One of `folds` ways of holding out a part of `split` for cross-validation: every sample is in
/// the validation part of one `fold`, from 0 on. The parts have the same size up to a sample, and
/// so have the samples of each class in them. `seed` deals out the samples. Throws Error for fewer
/// than 2 folds, or more than samples, and for a `fold` that is none of 0 to `folds` - 1.
Partition fold_of(const Split& split, int folds, int fold, std::uint64_t seed);

/// Checks a partition of `split` that a program made, and fills its `watched`, where that is empty,
/// as hold_out() does. Throws Error where no sample is for training, or where a number is not that
/// of a sample.
Partition completed(Partition parts, const Split& split);

/// The order in which an epoch visits `samples`: a permutation that depends only on seed and epoch,
/// so it is the same for every model that trains on these samples.
std::vector<std::uint32_t> epoch_order(std::span<const std::uint32_t> samples, std::uint64_t seed,
                                       std::uint32_t epoch);

/// Writes the samples with the numbers `samples`, scaled by `scalings` (as in
/// Normalisation::inputs; not scaled where there are none), to `out`: samples.size() x features
/// floats, row-major.
void gather(const Split& split, std::size_t features, std::span<const std::uint32_t> samples,
            std::span<const Scaling> scalings, float* out);

/// The same for samples in memory, which stand one after the other.
void scale(std::span<const float> samples, std::size_t features, std::span<const Scaling> scalings,
           float* out);

}  // namespace rectify::data
