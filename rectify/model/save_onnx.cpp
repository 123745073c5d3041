// An ONNX file is written only when what it says answers as the model does.

#include <algorithm>
#include <cmath>

#include "rectify/base/file.h"
#include "rectify/base/random.h"
#include "rectify/base/text.h"
#include "rectify/graph/operator.h"
#include "rectify/model/interchange.h"
#include "rectify/model/predictor.h"

namespace rectify::model {

namespace {

constexpr std::size_t samples_tried = 3;
constexpr double most_apart = 1e-3;  // of the largest answer; rounding alone stays far below

Model copy_of(const Model& model) {
  Model copy(model.graph);
  std::ranges::copy(model.parameters.span(), copy.parameters.data());
  copy_purpose(model, copy);
  return copy;
}

/// Samples as the training data had them: the model scales them to mean 0 and deviation 1.
std::vector<float> drawn_samples(const Model& model, std::size_t width) {
  std::vector<float> samples(samples_tried * width);
  const Random random(22, 0, 0);
  const auto ids = static_cast<std::uint32_t>(graph::ids_of(model.graph));
  const std::vector<data::Scaling>& scalings = model.normalisation.inputs;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const data::Scaling& s = scalings[i % width % scalings.size()];
    samples[i] =
        ids > 0 ? static_cast<float>(random.word(i) % ids)
                : s.mean + static_cast<float>(random.normal(i)) / (s.scale == 0 ? 1.0f : s.scale);
  }
  return samples;
}

/// The largest difference, as a part of the largest answer. Not finite if one answer alone is not.
double distance(const std::vector<float>& ours, const std::vector<float>& theirs) {
  double most = 0, size = 1e-30;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const double a = ours[i], b = theirs[i];
    if (!std::isfinite(a) && !std::isfinite(b)) continue;
    if (!std::isfinite(a) || !std::isfinite(b)) return HUGE_VAL;
    most = std::max(most, std::abs(a - b));
    size = std::max(size, std::abs(a));
  }
  return most / size;
}

void check_answers(const std::string& bytes, const Model& model, const std::string& name) {
  const Predictor ours(copy_of(model)), theirs(from_network(onnx::decode(bytes, name), name));
  if (ours.inputs() != theirs.inputs() || ours.outputs() != theirs.outputs())
    fail("it takes ", theirs.inputs(), " numbers and answers ", theirs.outputs(),
         ", but the model takes ", ours.inputs(), " and answers ", ours.outputs());
  const std::vector<float> samples = drawn_samples(model, ours.inputs());
  std::vector<float> want(samples_tried * ours.outputs()), got(want.size());
  for (std::size_t i = 0; i < samples_tried; ++i) {  // one by one: a few are no batch
    const auto sample = std::span(samples).subspan(i * ours.inputs(), ours.inputs());
    const auto answer = [&](std::vector<float>& to) {
      return std::span(to).subspan(i * ours.outputs(), ours.outputs());
    };
    ours.run(sample, answer(want));
    theirs.run(sample, answer(got));
  }
  const double apart = distance(want, got);
  if (!(apart <= most_apart))
    fail("its answers to ", samples_tried, " samples differ from the model's by ",
         number_text(apart), " of the largest answer; ", number_text(most_apart),
         " at most is rounding");
}

}  // namespace

void save_onnx(const std::filesystem::path& path, const Model& model) {
  const std::string bytes = onnx::encode(to_network(model));
  try {
    check_answers(bytes, model, path.string());
  } catch (const Error& error) {
    fail("'", path.string(),
         "' is not written: read back as ONNX, the model is not the same: ", error.what(),
         "; keep the safetensors file and report this");
  }
  write_file(path, bytes);
  if (!std::filesystem::is_regular_file(path) || read_file(path, bytes.size()) == bytes) return;
  std::filesystem::remove(path);
  fail("'", path.string(), "' did not keep the bytes that were written; is the disk sound?");
}

}  // namespace rectify::model
