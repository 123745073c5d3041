#include "rectify/pretrain/stack.h"

#include <algorithm>
#include <sstream>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/pretrain/kind.h"

namespace rectify::pretrain {

namespace {

constexpr std::size_t most_layers = 32;

const LayerKind& kind_of(const std::string& name, const std::string& where) {
  std::vector<std::string> known;
  for (const LayerKind* kind : layer_kinds()) {
    if (kind->name == name) return *kind;
    known.emplace_back(kind->name);
  }
  fail(where, ": there is no layer '", name, "'", suggestion(name, known));
}

const graph::AttributeSpec& named_attribute(const LayerKind& kind, const std::string& name,
                                            const std::string& where) {
  std::vector<std::string> known;
  for (const graph::AttributeSpec& spec : kind.attributes) {
    if (spec.name == name) return spec;
    known.emplace_back(spec.name);
  }
  fail(where, ": ", kind.name, " has no attribute '", name, "'", suggestion(name, known));
}

/// The first positional attribute that is not given yet.
const graph::AttributeSpec& next_positional(const LayerKind& kind, const graph::Attributes& given,
                                            const std::string& word, const std::string& where) {
  for (const graph::AttributeSpec& spec : kind.attributes)
    if (spec.positional && !given.has(spec.name)) return spec;
  fail(where, ": '", word, "' is one word too many; attributes are written name=value");
}

LayerSpec parse_layer(const std::string& text, std::size_t number) {
  std::istringstream in(text);
  std::string name, word;
  in >> name;
  const std::string where = concat("layer ", number, " of the stack");
  if (name.empty()) fail(where, " is empty; write KIND UNITS, such as rbm 500");
  LayerSpec layer{.kind = &kind_of(name, where), .attributes = {}, .text = name};
  const LayerKind& kind = *layer.kind;
  graph::Attributes given;
  while (in >> word) {
    layer.text += " " + word;
    const std::size_t equals = word.find('=');
    const bool named = equals != std::string::npos;
    const graph::AttributeSpec& spec = named ? named_attribute(kind, word.substr(0, equals), where)
                                             : next_positional(kind, given, word, where);
    if (given.has(spec.name)) fail(where, ": ", spec.name, " is given twice");
    given.set(spec.name, graph::parse_attribute(spec, named ? word.substr(equals + 1) : word,
                                                concat(where, ", ", name)));
  }
  if (!given.has("units"))
    fail(where, ": ", name, " needs its number of units, such as ", name, " 500");
  for (const graph::AttributeSpec& spec : kind.attributes)
    layer.attributes.set(spec.name, spec.initial);
  for (const auto& [key, value] : given.all()) layer.attributes.set(key, value);
  return layer;
}

}  // namespace

std::vector<LayerSpec> parse_stack(const std::string& text) {
  const std::vector<std::string> parts = split(text, '|');
  if (parts.size() > most_layers)
    fail("a stack has at most ", most_layers, " layers, not ", parts.size());
  std::vector<LayerSpec> layers;
  for (const std::string& part : parts) layers.push_back(parse_layer(part, layers.size() + 1));
  return layers;
}

}  // namespace rectify::pretrain
