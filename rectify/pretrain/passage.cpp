#include "rectify/pretrain/passage.h"

#include <algorithm>

#include "rectify/base/error.h"

namespace rectify::pretrain {

Passage dense_passage(std::string_view activation, std::vector<float> weight,
                      std::vector<float> bias) {
  const auto units = static_cast<std::int64_t>(bias.size());
  return {.input = Shape{static_cast<std::int64_t>(weight.size()) / units},
          .output = Shape{units},
          .text = concat("dense ", units, " | ", activation),
          .parameters = {std::move(weight), std::move(bias)}};
}

model::Model network_of(std::span<const Passage> passages) {
  std::string text = passages.front().input.text() + " : ";
  for (std::size_t i = 0; i < passages.size(); ++i) {
    const Shape& input = passages[i].input;
    if (i > 0) text += " | ";
    if (i > 0 && passages[i - 1].output != input)
      text += input.rank() == 1 ? "flatten | " : concat("reshape ", input.text(), " | ");
    text += passages[i].text;
  }
  model::Model model(text);
  std::size_t slot = 0;
  for (const Passage& passage : passages)
    for (const std::vector<float>& numbers : passage.parameters) {
      const run::ParameterSlot& to = model.layout.slots().at(slot++);
      if (to.size != numbers.size())
        fail("'", to.label, "' of '", text, "' has ", to.size, " numbers, not ", numbers.size());
      std::ranges::copy(numbers, model.parameters.data() + to.offset);
    }
  return model;
}

}  // namespace rectify::pretrain
