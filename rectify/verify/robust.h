#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/model/perturbation.h"
#include "rectify/verify/sample_attack.h"
#include "rectify/verify/verify.h"

/// Whether a classifier's answers stay when samples are changed by little: proofs, and changes that
/// refute it.
namespace rectify::verify {

/// What became of a sample.
enum class Fate {
  certified,  ///< the answer is right, and proven to be right for every change
  attacked,   ///< the answer is right, and a change was found with which it is wrong
  undecided,  ///< the answer is right, and neither was found in time
  wrong,      ///< the answer is wrong without any change
};
constexpr std::array<std::string_view, 4> names_of(Fate) {
  return {"certified", "attacked", "undecided", "wrong"};
}

/// A sample with the evidence.
struct SampleFate {
  std::uint32_t sample = 0;  ///< its number in the split
  std::int32_t label = 0, answer = 0;
  Fate fate = Fate::undecided;
  std::int32_t fallen_to = -1;      ///< attacked: the answer to the changed sample
  std::vector<float> changed = {};  ///< attacked: that sample, in stored units
  std::string why = {};             ///< undecided: a sentence
  double gap = 0;                   ///< undecided: see Verdict
  std::size_t sub_problems = 0;
  double seconds = 0;
  bool operator==(const SampleFate&) const = default;
};

/// One line of JSON, and back. Throws Error for any other text.
std::string to_json(const SampleFate& fate);
SampleFate fate_from_json(const std::string& line);

/// Throws Error where the fate cannot be that of a sample of the split: it has no such sample or no
/// such class, or another label.
void check_fits(const SampleFate& fate, const data::Dataset& dataset, const data::Split& split);

/// The numbers of a sample as they are stored.
std::vector<float> stored_sample(const data::Dataset& dataset, const data::Split& split,
                                 std::size_t sample);

/// The sample and what the changes may be.
Neighbourhood neighbourhood_of(std::vector<float> sample, const model::Perturbation& change,
                               Norm norm);

/// "No input around is answered by another class": a case for each of the other classes, in which
/// its output is as large as that of `label`. Throws Error for a neighbourhood without inputs, of
/// which anything would hold.
Property stays(const Neighbourhood& around, std::int32_t label, std::size_t classes);

/// Judges one sample after the other.
///
///     RobustJudge judge(predictor, dataset, {dataset, 0.1}, Norm::inf, threads);
///     const auto fate = judge.look_at(dataset.test, 12, {.seconds = 60});
///     if (fate && fate->fate == Fate::certified) ...
class RobustJudge {
 public:
  /// Its references must outlive it. Throws Error for data without classes, or with others than the
  /// network's outputs, and as SampleAttack and Verifier do.
  RobustJudge(const model::Predictor& predictor, const data::Dataset& dataset,
              const model::Perturbation& change, Norm norm, ThreadPool& threads,
              const AttackEffort& effort = {});

  /// Tries a quick proof, attacks, and then searches for a proof. With Norm::two, what is proven is
  /// the box around all changes, which is more than is asked. Nothing when `limits.stop` said so.
  /// Throws as verify() and stays() do.
  std::optional<SampleFate> look_at(const data::Split& split, std::uint32_t sample,
                                    const Limits& limits);

 private:
  const model::Predictor& predictor_;
  const data::Dataset& dataset_;
  model::Perturbation change_;
  Norm norm_;
  AttackEffort effort_;
  SampleAttack attack_;
  Verifier verifier_;
};

/// How many samples came to what.
struct FateCounts {
  std::size_t samples = 0;
  std::array<std::size_t, 4> fates = {};  ///< by Fate
  void add(const SampleFate& fate);
  std::size_t of(Fate fate) const { return fates[static_cast<std::size_t>(fate)]; }
  double share(Fate fate) const;  ///< [0, 1]; 0 of no samples
};

}  // namespace rectify::verify
