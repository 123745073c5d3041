#include "rectify/graph/text_items.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::graph {

std::span<const Block> blocks() {
  static constexpr Block all[] = {
      {"residual", "add", true}, {"dense_block", "concat", false}, {"gated", "multiply", false}};
  return all;
}

const Block* find_block(std::string_view name) {
  const auto found = std::ranges::find(blocks(), name, &Block::name);
  return found == blocks().end() ? nullptr : &*found;
}

std::vector<NodeId> block_inputs(const Graph& graph, const Block& block, NodeId earlier,
                                 NodeId later) {
  const auto size = [&](NodeId id) { return graph.node(id).type.shape.size(); };
  const bool row = block.joins == "multiply" && size(later) < size(earlier);
  if (block.joins == "concat" || row) return {earlier, later};
  return {later, earlier};
}

std::vector<std::string> item_names() {
  std::vector<std::string> names = activation::names();
  for (const Operator* op : operators()) {
    if (op->build) names.emplace_back(op->name);
    for (const Shorthand& shorthand : op->shorthands) names.emplace_back(shorthand.name);
  }
  return names;
}

std::string item_suggestion(std::string_view name, const std::vector<std::string>& others) {
  std::vector<std::string> known = item_names();
  known.insert(known.begin(), others.begin(), others.end());
  std::vector<std::string> all = known;
  for (const activation::Row& row : activation::family())
    all.insert(all.end(), row.aliases.begin(), row.aliases.end());
  return suggestion(name, nearest(name, all).empty() ? known : all);
}

std::vector<std::string> join_names() {
  std::vector<std::string> names;
  for (const Operator* op : operators())
    if (op->joins) names.emplace_back(op->name);
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

namespace {

/// Reads the attributes of an item into kind.given. Values without a name go to the positional
/// attributes in their order; `name=value` goes to the attribute of that name.
class AttributeReader {
 public:
  AttributeReader(Tokens& tokens, const Token& item, ItemKind& kind)
      : tokens_(tokens), item_(item), kind_(kind), specs_(kind.specs) {}

  void read() {
    while (!tokens_.peek().is_mark() && tokens_.peek().text != "as") {
      const Token token = tokens_.take();
      const std::size_t equals = token.text.find('=');
      const bool named = equals != std::string_view::npos;
      const std::size_t at =
          named ? named_spec(token, token.text.substr(0, equals)) : next_positional(token);
      if (kind_.given.has(specs_[at].name))
        tokens_.wrong(token, concat(specs_[at].name, " is given twice"));
      append_value(token, specs_[at], named ? token.text.substr(equals + 1) : token.text);
    }
    if (kind_.complete) fill_in_defaults();
  }

 private:
  std::size_t next_positional(const Token& token) {
    while (next_ < specs_.size() && !specs_[next_].positional) ++next_;
    if (next_ == specs_.size()) tokens_.wrong(token, concat(item_.text, " takes no further value"));
    return next_++;
  }

  std::size_t named_spec(const Token& token, std::string_view key) const {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < specs_.size(); ++i) {
      if (specs_[i].name == key) return i;
      keys.emplace_back(specs_[i].name);
    }
    tokens_.wrong(token, concat(item_.text, " has no '", key, "'", suggestion(key, keys)));
  }

  void append_value(const Token& token, const AttributeSpec spec, std::string_view value) {
    Attributes& given = kind_.given;
    try {
      if (spec.name != "row") return given.set(spec.name, parse_attribute(spec, value, item_.text));
      const activation::Row& row = activation::find(value);
      given.set("row", std::string(row.name));
      std::ranges::copy(activation_attributes(row), std::back_inserter(specs_));
    } catch (const Error& error) {
      tokens_.wrong(token, error.what());
    }
  }

  void fill_in_defaults() {
    for (const AttributeSpec& spec : specs_) {
      if (kind_.given.has(spec.name)) continue;
      if (spec.positional && std::holds_alternative<std::int64_t>(spec.initial))
        tokens_.wrong(item_, concat(spec.name, " is missing: how many ", spec.meaning, "?"));
      if (spec.positional && std::holds_alternative<std::string>(spec.initial))
        tokens_.wrong(item_, concat(spec.name, " is missing: which ", spec.meaning, "?"));
      kind_.given.set(spec.name, spec.initial);
    }
  }

  Tokens& tokens_;
  const Token& item_;
  ItemKind& kind_;
  std::vector<AttributeSpec>& specs_;
  std::size_t next_ = 0;
};

}  // namespace

NodeId read_item(Tokens& tokens, const Token& name, ItemKind kind, Graph& graph, NodeId input) {
  check_size(tokens, name, graph);
  AttributeReader(tokens, name, kind).read();
  const std::string label = read_label(tokens);
  try {
    return kind.build(graph, input, kind.given, label);
  } catch (const Error& error) {
    tokens.wrong(name, error.what());
  }
}

std::string read_label(Tokens& tokens) {
  if (tokens.peek().text != "as") return {};
  tokens.take();
  const Token label = tokens.take();
  if (label.is_mark()) tokens.wrong(label, "a label is missing after 'as'");
  const bool plain = std::ranges::all_of(
      label.text, [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; });
  if (!plain) tokens.wrong(label, "a label is made of letters, digits, '_' and '-'");
  if (label.text == "input" || label.text == "target" || label.text == "loss" ||
      label.text.starts_with("d_"))
    tokens.wrong(label, "this label is the program's own; choose another");
  return std::string(label.text);
}

Attributes read_join_attributes(Tokens& tokens, const Token& name, std::string_view op) {
  const std::span<const AttributeSpec> specs = find_operator(op)->attributes;
  if (specs.empty()) return {};
  ItemKind kind{.build = nullptr, .specs = {specs.begin(), specs.end()}, .complete = true};
  AttributeReader(tokens, name, kind).read();
  return std::move(kind.given);
}

NodeId add_join(const Tokens& tokens, const Token& name, Graph& graph, std::string_view op,
                std::vector<NodeId> inputs, std::string label, Attributes attributes) {
  check_size(tokens, name, graph);
  try {
    return graph.add(op, std::move(inputs), std::move(attributes), std::move(label));
  } catch (const Error& error) {
    tokens.wrong(name, error.what());
  }
}

void check_size(const Tokens& tokens, const Token& name, const Graph& graph) {
  constexpr std::size_t most_nodes = 20000;
  if (graph.nodes().size() > most_nodes) tokens.wrong(name, "the network has too many layers");
}

}  // namespace rectify::graph
