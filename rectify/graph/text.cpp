#include "rectify/graph/text.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <optional>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::graph {

namespace {

struct Token {
  std::string_view text;  ///< empty at the end
  std::size_t column;     ///< from 1
};

std::vector<Token> tokens_of(std::string_view text, std::size_t from) {
  constexpr std::string_view white = " \t\r\n", marks = "|()";
  std::vector<Token> tokens;
  for (std::size_t at = from; at < text.size();) {
    if (white.find(text[at]) != std::string_view::npos) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    if (marks.find(text[at]) == std::string_view::npos)
      while (end < text.size() && white.find(text[end]) == std::string_view::npos &&
             marks.find(text[end]) == std::string_view::npos)
        ++end;
    tokens.push_back({text.substr(at, end - at), at + 1});
    at = end;
  }
  tokens.push_back({{}, text.size() + 1});
  return tokens;
}

/// What can stand as an item: operators that build themselves, their shorthands, every activation.
std::vector<std::string> item_names() {
  std::vector<std::string> names = activation::names();
  for (const Operator* op : operators()) {
    if (op->build) names.emplace_back(op->name);
    for (const Shorthand& shorthand : op->shorthands) names.emplace_back(shorthand.name);
  }
  names.emplace_back("repeat");
  return names;
}

/// What an item's name stands for.
struct ItemKind {
  NodeId (*build)(Graph& graph, NodeId input, const Attributes& attributes, std::string label);
  Attributes given;                  ///< by the name itself
  std::vector<AttributeSpec> specs;  ///< of what may follow
  bool complete;                     ///< whether `build` wants the defaults filled in
};

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

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
      fail("model '", text, "': there is no ':'; write SHAPE : item | item, such as ",
           "784 : dense 100 | relu | dense 10");
    last_ =
        graph_.add_input({.shape = parse_shape(std::string(trim(text.substr(0, colon))))}, "input");
    tokens_ = tokens_of(text, colon + 1);
  }

  Graph parse() {
    if (peek().text.empty()) return finish();
    chain();
    if (!peek().text.empty()) wrong(peek(), concat("expected '|' or the end"));
    return finish();
  }

 private:
  static constexpr std::size_t most_nodes = 20000;
  static constexpr int deepest = 32;

  Graph finish() {
    graph_.result = last_;
    return std::move(graph_);
  }

  const Token& peek() const { return tokens_[at_]; }
  Token take() { return tokens_[peek().text.empty() ? at_ : at_++]; }

  [[noreturn]] void wrong(const Token& token, const std::string& what) const {
    fail("model text, column ", token.column, ", at '", token.text.empty() ? "end" : token.text,
         "': ", what);
  }

  void chain() {
    item();
    while (peek().text == "|") {
      take();
      item();
    }
  }

  void item() {
    const Token name = take();
    if (name.text.empty() || name.text == "|" || name.text == "(" || name.text == ")")
      wrong(name, "an item is missing, such as dense 100 or relu");
    if (name.text == "repeat") return repeat();
    if (graph_.nodes().size() > most_nodes) wrong(name, "the network has too many layers");
    std::optional<ItemKind> kind = item_kind(name.text);
    if (!kind) wrong(name, concat("there is no such layer", suggestion(name.text, item_names())));
    attributes(name, *kind);
    const std::string label = take_label();
    try {
      last_ = kind->build(graph_, last_, kind->given, label);
    } catch (const Error& error) {
      wrong(name, error.what());
    }
  }

  /// Reads what follows an item's name into kind.given. Positional values first come, first served;
  /// `name=value` by name.
  void attributes(const Token& item, ItemKind& kind) {
    std::vector<AttributeSpec>& specs = kind.specs;
    std::size_t next = 0;
    while (!peek().text.empty() && peek().text != "|" && peek().text != "(" && peek().text != ")" &&
           peek().text != "as") {
      const Token token = take();
      const std::size_t equals = token.text.find('=');
      std::size_t at = specs.size();
      if (equals == std::string_view::npos) {
        while (next < specs.size() && !specs[next].positional) ++next;
        if (next == specs.size()) wrong(token, concat(item.text, " takes no further value"));
        at = next++;
      } else {
        const std::string_view key = token.text.substr(0, equals);
        for (std::size_t i = 0; i < specs.size(); ++i)
          if (specs[i].name == key) at = i;
        std::vector<std::string> keys;
        for (const AttributeSpec& candidate : specs) keys.emplace_back(candidate.name);
        if (at == specs.size())
          wrong(token, concat(item.text, " has no '", key, "'", suggestion(key, keys)));
      }
      if (kind.given.has(specs[at].name)) wrong(token, concat(specs[at].name, " is given twice"));
      append_value(token, kind, specs[at],
                   equals == std::string_view::npos ? token.text : token.text.substr(equals + 1),
                   item.text);
    }
    if (kind.complete) fill_in_defaults(item, kind);
  }

  void fill_in_defaults(const Token& item, ItemKind& kind) {
    for (const AttributeSpec& spec : kind.specs) {
      if (kind.given.has(spec.name)) continue;
      if (spec.positional && std::holds_alternative<std::int64_t>(spec.initial))
        wrong(item, concat(spec.name, " is missing: how many ", spec.meaning, "?"));
      if (spec.positional && std::holds_alternative<std::string>(spec.initial))
        wrong(item, concat(spec.name, " is missing: which ", spec.meaning, "?"));
      kind.given.set(spec.name, spec.initial);
    }
  }

  void append_value(const Token& token, ItemKind& kind, const AttributeSpec spec,
                    std::string_view value, std::string_view where) {
    try {
      if (spec.name != "row") return kind.given.set(spec.name, parse_attribute(spec, value, where));
      const activation::Row& row = activation::find(value);
      kind.given.set("row", std::string(row.name));
      std::ranges::copy(activation_attributes(row), std::back_inserter(kind.specs));
    } catch (const Error& error) {
      wrong(token, error.what());
    }
  }

  std::string take_label() {
    if (peek().text != "as") return {};
    take();
    const Token label = take();
    if (label.text.empty() || std::string_view("|()").find(label.text) != std::string_view::npos)
      wrong(label, "a label is missing after 'as'");
    const bool plain = std::ranges::all_of(
        label.text, [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; });
    if (!plain) wrong(label, "a label is made of letters, digits, '_' and '-'");
    if (label.text == "input" || label.text == "target" || label.text == "loss" ||
        label.text.starts_with("d_"))
      wrong(label, "this label is the program's own; choose another");
    return std::string(label.text);
  }

  void repeat() {
    const Token count = take();
    const auto times = parse_integer(count.text);
    if (!times || *times < 1 || *times > 10000)
      wrong(count, "repeat wants a whole number from 1 to 10000, then (items)");
    const Token open = take();
    if (open.text != "(") wrong(open, "repeat N wants its items in ( )");
    if (++depth_ > deepest) wrong(open, "repeat is nested too deeply");
    const std::size_t start = at_;
    for (std::int64_t i = 0; i < *times; ++i) {
      at_ = start;
      chain();
      const Token close = take();
      if (close.text != ")") wrong(close, "the ')' of repeat is missing");
    }
    --depth_;
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  Graph graph_;
  NodeId last_ = -1;
};

/// The name under which a node is typed, and the attributes that may follow.
struct Typed {
  std::string name;
  std::vector<AttributeSpec> specs;
};

Typed typed(const Node& node) {
  if (is_activation(node)) {
    const activation::Row& row = activation_row(node);
    Typed t{std::string(row.name), activation_item_attributes(row)};
    for (AttributeSpec& spec : t.specs) spec.positional = false;
    return t;
  }
  const std::string_view name = item_name(*node.op, node.attributes);
  Typed t{std::string(name), {node.op->attributes.begin(), node.op->attributes.end()}};
  if (!node.attributes.has("row")) return t;
  if (name != node.op->name) std::erase_if(t.specs, [](auto& spec) { return spec.name == "row"; });
  for (AttributeSpec& spec : activation_attributes(activation_row(node))) {
    spec.positional = false;
    t.specs.push_back(spec);
  }
  return t;
}

/// `lowest` holds, for each stem, the lowest number that nodes before this one have not taken.
std::string item_text(const Graph& graph, NodeId id, std::map<std::string, int>& lowest) {
  const Node& node = graph.node(id);
  const auto& [stem, specs] = typed(node);
  std::string text = stem;
  for (const AttributeSpec& spec : specs)
    for (const auto& [key, value] : node.attributes.all()) {
      if (key != spec.name || value == spec.initial) continue;
      text += ' ';
      if (!spec.positional) text += key + "=";
      text += attribute_text(value);
    }
  // Labels that parse_model would give by itself are left out.
  int& number = lowest.try_emplace(stem, 1).first->second;
  const auto taken = [&](const std::string& label) {
    const NodeId other = graph.find(label);
    return other >= 0 && other < id;
  };
  while (taken(stem + std::to_string(number))) ++number;
  if (node.label != stem + std::to_string(number)) text += " as " + node.label;
  return text;
}

}  // namespace

Graph parse_model(std::string_view text) { return Parser(text).parse(); }

std::string model_text(const Graph& graph) {
  const NodeId input = graph.find("input");
  if (input < 0) fail("the network has no input");
  std::string text = graph.node(input).type.shape.text() + " :";
  NodeId last = input;
  std::map<std::string, int> lowest;
  for (NodeId id = 0; id <= graph.result; ++id) {
    const Node& node = graph.node(id);
    if (node.op->given || node.op->part) continue;
    if (node.inputs.empty() || node.inputs[0] != last)
      fail("the network is not a chain at '", node.label, "'");
    text += (last == input ? " " : " | ") + item_text(graph, id, lowest);
    last = id;
  }
  return text;
}

std::string mlp_text(const Shape& input, const std::vector<std::int64_t>& hidden,
                     std::string_view activation, std::int64_t outputs) {
  std::string text = std::to_string(input.size()) + " : ";
  for (const std::int64_t width : hidden) text += concat("dense ", width, " | ", activation, " | ");
  return text + concat("dense ", outputs);
}

}  // namespace rectify::graph
