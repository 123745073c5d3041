#include "rectify/graph/text_items.h"

#include <algorithm>
#include <iterator>

#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::graph {

std::vector<std::string> item_names() {
  std::vector<std::string> names = activation::names();
  for (const Operator* op : operators()) {
    if (op->build) names.emplace_back(op->name);
    for (const Shorthand& shorthand : op->shorthands) names.emplace_back(shorthand.name);
  }
  names.emplace_back("repeat");
  return names;
}

std::optional<ItemKind> item_kind(std::string_view name) {
  if (const activation::Row* row = activation::find_or_null(name)) {
    ItemKind kind{add_activation, {}, activation_item_attributes(*row), false};
    kind.given.set("row", std::string(row->name));
    return kind;
  }
  for (const Operator* op : operators()) {
    const auto shorthand = std::ranges::find(op->shorthands, name, &Shorthand::name);
    const bool is_short = shorthand != op->shorthands.end();
    if (!op->build || (op->name != name && !is_short)) continue;
    ItemKind kind{op->build, {}, {op->attributes.begin(), op->attributes.end()}, true};
    if (!is_short) return kind;
    std::erase_if(kind.specs, [&](const auto& spec) { return spec.name == shorthand->attribute; });
    kind.given.set(shorthand->attribute, std::string(shorthand->value));
    if (shorthand->attribute == "row")
      std::ranges::copy(activation_attributes(activation::find(shorthand->value)),
                        std::back_inserter(kind.specs));
    return kind;
  }
  return std::nullopt;
}

}  // namespace rectify::graph
