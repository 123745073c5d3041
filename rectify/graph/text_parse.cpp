#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/text.h"
#include "rectify/graph/text_items.h"
#include "rectify/graph/text_lines.h"

namespace rectify::graph {

namespace {

/// Reads a chain of items and blocks.
class ChainReader {
 public:
  ChainReader(Tokens& tokens, Graph& graph)
      : tokens_(tokens), graph_(graph), last_(graph.find("input")) {}

  NodeId read() {
    chain();
    if (!tokens_.peek().text.empty()) tokens_.wrong(tokens_.peek(), "expected '|' or the end");
    return last_;
  }

 private:
  void chain() {
    item();
    while (tokens_.peek().text == "|") {
      tokens_.take();
      item();
    }
  }

  void item() {
    const Token name = tokens_.take();
    if (name.is_mark()) tokens_.wrong(name, "an item is missing, such as dense 100 or relu");
    if (name.text == "repeat") return repeat();
    if (const Block* which = find_block(name.text)) return block(name, *which);
    std::optional<ItemKind> kind = item_kind(name.text);
    if (!kind) unknown(name);
    last_ = read_item(tokens_, name, std::move(*kind), graph_, last_);
  }

  [[noreturn]] void unknown(const Token& name) const {
    std::vector<std::string> others = {"repeat"};
    for (const Block& block : blocks()) others.emplace_back(block.name);
    tokens_.wrong(name, concat("there is no such layer", item_suggestion(name.text, others)));
  }

  void open(std::string_view name, const char* usage) {
    const Token bracket = tokens_.take();
    if (bracket.text != "(") tokens_.wrong(bracket, concat(usage, " wants its items in ( )"));
    if (++depth_ > deepest_text) tokens_.wrong(bracket, concat(name, " is nested too deeply"));
  }

  void close(std::string_view name) {
    const Token bracket = tokens_.take();
    if (bracket.text != ")") tokens_.wrong(bracket, concat("the ')' of ", name, " is missing"));
    --depth_;
  }

  void repeat() {
    const Token count = tokens_.take();
    const auto times = parse_integer(count.text);
    if (!times || *times < 1 || *times > 10000)
      tokens_.wrong(count, "repeat wants a whole number from 1 to 10000, then (items)");
    const std::size_t start = tokens_.position();
    for (std::int64_t i = 0; i < *times; ++i) {
      tokens_.go_back(start);
      open("repeat", "repeat N");
      chain();
      close("repeat");
    }
  }

  void block(const Token& name, const Block& block) {
    open(name.text, block.name.data());
    const NodeId start = last_;
    chain();
    NodeId earlier = start;
    if (tokens_.peek().text == ";") {
      const Token second = tokens_.take();
      if (!block.second_branch)
        tokens_.wrong(second, concat(name.text, " has one branch; only residual may have two"));
      earlier = std::exchange(last_, start);
      chain();
    }
    close(name.text);
    if (block.second_branch) check_shapes(name, earlier);
    std::string label = read_label(tokens_);
    last_ = add_join(tokens_, name, graph_, block.joins,
                     block_inputs(graph_, block, earlier, last_), std::move(label));
  }

  void check_shapes(const Token& name, NodeId earlier) const {
    const Shape &other = graph_.node(earlier).type.shape, &items = graph_.node(last_).type.shape;
    if (other != items)
      tokens_.wrong(
          name, concat(name.text, " adds equal shapes, not ", items.text(), " to ", other.text(),
                       "; end both branches alike: ", name.text, "(items ; items)"));
  }

  Tokens& tokens_;
  Graph& graph_;
  NodeId last_;
  int depth_ = 0;
};

}  // namespace

Graph parse_model(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    fail("model '", text, "': there is no ':'; write SHAPE : item | item, such as ",
         "784 : dense 100 | relu | dense 10");
  Graph graph;
  graph.result =
      graph.add_input({.shape = parse_shape(std::string(trim(text.substr(0, colon))))}, "input");
  Tokens tokens(text, colon + 1);
  if (tokens.peek().is_value())
    graph.result = read_lines(tokens, graph);
  else if (!tokens.peek().text.empty())
    graph.result = ChainReader(tokens, graph).read();
  return graph;
}

}  // namespace rectify::graph
