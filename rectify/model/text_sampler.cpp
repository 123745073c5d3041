#include "rectify/model/text_sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "rectify/base/error.h"
#include "rectify/data/formats/characters.h"
#include "rectify/graph/operator.h"

namespace rectify::model {

void check(const Drawing& how) {
  if (!(how.temperature == 0 || (how.temperature >= 1e-3 && how.temperature <= 1e3)))
    fail("the temperature of a drawing must be 0 or between 0.001 and 1000, not ", how.temperature);
}

namespace {

/// The class that a number in (0, 1) draws. The probability of a class is proportional to exp(logit
/// / temperature), and 0 for all but the likeliest `top`.
std::size_t draw(std::span<const float> logits, const Drawing& how, double number) {
  std::vector<std::size_t> order(logits.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](auto a, auto b) { return logits[a] > logits[b]; });
  if (how.temperature == 0) return order[0];
  if (how.top > 0 && how.top < order.size()) order.resize(how.top);
  std::vector<double> until;  // sums of the probabilities up to each class
  double sum = 0;
  for (const std::size_t c : order) {
    const double below = static_cast<double>(logits[c]) - logits[order[0]];
    until.push_back(sum += std::exp(below / how.temperature));
  }
  const auto at = std::ranges::upper_bound(until, number * sum) - until.begin();
  return order[std::min(static_cast<std::size_t>(at), order.size() - 1)];
}

}  // namespace

TextSampler::TextSampler(Model model, run::WeightPrecision weights)
    : predictor_(std::move(model), weights),
      classes_(predictor_.model().class_names.size()),
      sample_(predictor_.inputs()),
      answer_(predictor_.outputs()) {
  const std::vector<std::string>& names = predictor_.model().class_names;
  if (graph::ids_of(predictor_.model().graph) == 0 || names.empty())
    fail("the network does not read characters; train one with --data text:FILE");
  class_of_.fill(-1);
  for (const std::string& name : names) {
    const auto character = data::character_of(name);
    if (!character) fail("the network's class '", name, "' is no character");
    class_of_[*character] = static_cast<int>(character_.size());
    character_.push_back(*character);
  }
  if (answer_.size() != sample_.size() * classes_)
    fail("the network gives ", answer_.size(), " numbers for ", sample_.size(), " characters of ",
         classes_, " kinds; to go on with a text it must give ", sample_.size() * classes_);
  refuse_look_ahead();
}

// Other characters in the second half of the text must not change the answers in the first half.
void TextSampler::refuse_look_ahead() const {
  std::vector<float> sample(sample_.size(), 0.0f), first(answer_.size()), second(answer_.size());
  predictor_.run(sample, first);
  const std::size_t half = sample.size() / 2;
  for (std::size_t i = half; i < sample.size(); ++i)
    sample[i] = static_cast<float>((i + 1) % classes_);
  predictor_.run(sample, second);
  if (!std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(half * classes_),
                  second.begin()))
    fail(
        "the network looks at the characters that it is to predict; make its attention causal=yes");
}

void TextSampler::read(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (class_of_[static_cast<std::uint8_t>(text[i])] < 0)
      fail("character ", i + 1, " of the prompt, '",
           data::character_name(static_cast<std::uint8_t>(text[i])),
           "', was not in the text that the network learnt");
  for (const char c : text)
    text_.push_back(static_cast<std::size_t>(class_of_[static_cast<std::uint8_t>(c)]));
  if (text_.size() > sample_.size())
    text_.erase(text_.begin(), text_.end() - static_cast<std::ptrdiff_t>(sample_.size()));
}

// The logits at the last place of the text. What stands at later places does not matter.
std::span<const float> TextSampler::logits() {
  std::ranges::fill(sample_, 0.0f);
  std::ranges::transform(text_, sample_.begin(), [](auto c) { return static_cast<float>(c); });
  predictor_.run(sample_, answer_);
  return std::span<const float>(answer_).subspan((text_.size() - 1) * classes_, classes_);
}

char TextSampler::next(const Drawing& how, const Random& random) {
  check(how);
  if (text_.empty()) text_.push_back(static_cast<std::size_t>(std::max(0, class_of_['\n'])));
  const std::span<const float> z = logits();
  for (const float v : z)
    if (!std::isfinite(v)) fail("the network's answers are not finite");
  const std::size_t drawn = draw(z, how, random.uniform(drawn_++));
  if (text_.size() == sample_.size()) text_.erase(text_.begin());
  text_.push_back(drawn);
  return static_cast<char>(character_[drawn]);
}

}  // namespace rectify::model
