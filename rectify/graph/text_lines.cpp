#include "rectify/graph/text_lines.h"

#include <algorithm>
#include <limits>
#include <map>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text_items.h"

namespace rectify::graph {

namespace {

class LineReader {
 public:
  LineReader(Tokens& tokens, Graph& graph) : tokens_(tokens), graph_(graph) {
    values_[0] = {.id = graph.find("input"), .used = true};
  }

  NodeId read() {
    std::int64_t last = 0;
    while (true) {
      while (tokens_.peek().ends_line() && !tokens_.peek().text.empty()) tokens_.take();
      if (tokens_.peek().text.empty()) break;
      last = line();
    }
    values_[last].used = true;  // it is the network's answer
    for (const auto& [number, value] : values_)
      if (!value.used)
        tokens_.wrong(value.defined, "this value is never used; the last line's is the answer");
    return values_[last].id;
  }

 private:
  struct Value {
    NodeId id = -1;
    Token defined = {};
    bool used = false;
  };

  std::int64_t number_of(const Token& token) const {
    const auto number = token.is_value() ? parse_integer(token.text.substr(1)) : std::nullopt;
    if (!number || *number < 0 || *number > std::numeric_limits<std::int32_t>::max())
      tokens_.wrong(token, "a value is called % and a whole number, such as %1");
    return *number;
  }

  /// Reads a line, and returns the number of the value that it defines.
  std::int64_t line() {
    const Token defined = tokens_.take();
    if (!defined.is_value())
      tokens_.wrong(defined, "a line begins with the value that it defines: %1 = relu %0");
    const std::int64_t number = number_of(defined);
    if (values_.contains(number))
      tokens_.wrong(defined, number == 0 ? "%0 is the network's input; number the lines from %1"
                                         : "this value is defined twice");
    const Token equals = tokens_.take();
    if (equals.text != "=") tokens_.wrong(equals, concat("expected '=' after ", defined.text));
    const NodeId id = item();
    if (!tokens_.peek().ends_line())
      tokens_.wrong(tokens_.peek(), "expected ';' or the end of the line");
    values_[number] = {id, defined, false};
    return number;
  }

  NodeId item() {
    const Token name = tokens_.take();
    if (name.is_mark() || name.is_value())
      tokens_.wrong(name, "a layer is missing, such as %1 = dense %0 100");
    const std::vector<std::string> joins = join_names();
    if (std::ranges::count(joins, name.text) > 0) {
      std::vector<NodeId> inputs = read_values();
      Attributes attributes = read_join_attributes(tokens_, name, name.text);
      std::string label = read_label(tokens_);
      return add_join(tokens_, name, graph_, name.text, std::move(inputs), std::move(label),
                      std::move(attributes));
    }
    std::optional<ItemKind> kind = item_kind(name.text);
    if (!kind) unknown(name, joins);
    const std::vector<NodeId> inputs = read_values();
    if (inputs.size() != 1)
      tokens_.wrong(name, concat(name.text, " wants one value, such as %1, not ", inputs.size()));
    return read_item(tokens_, name, std::move(*kind), graph_, inputs[0]);
  }

  [[noreturn]] void unknown(const Token& name, const std::vector<std::string>& joins) const {
    if (const Block* block = find_block(name.text))
      tokens_.wrong(name,
                    concat("lines have no blocks; join the two values: ", block->joins, " %2 %1"));
    if (name.text == "repeat") tokens_.wrong(name, "lines are not repeated; write each");
    tokens_.wrong(name, concat("there is no such layer", item_suggestion(name.text, joins)));
  }

  std::vector<NodeId> read_values() {
    std::vector<NodeId> ids;
    while (tokens_.peek().is_value()) {
      const Token token = tokens_.take();
      const auto found = values_.find(number_of(token));
      if (found == values_.end())
        tokens_.wrong(token, "there is no such value yet; a line uses what lines before it define");
      found->second.used = true;
      ids.push_back(found->second.id);
    }
    return ids;
  }

  Tokens& tokens_;
  Graph& graph_;
  std::map<std::int64_t, Value> values_;
};

}  // namespace

NodeId read_lines(Tokens& tokens, Graph& graph) { return LineReader(tokens, graph).read(); }

}  // namespace rectify::graph
