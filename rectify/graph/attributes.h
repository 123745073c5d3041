#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace rectify::graph {

using AttributeValue = std::variant<std::int64_t, double, std::string>;

/// One attribute that an operator has: `dense 1000 bias=no` has units (positional) and bias.
struct AttributeSpec {
  std::string_view name;
  AttributeValue initial;    ///< the default; its kind is the attribute's kind
  bool positional = false;   ///< typed without its name, in the order of the specs
  double low = 0, high = 0;  ///< inclusive range of a number
  std::span<const std::string_view> choices = {};  ///< of a word
  std::string_view meaning = {};
};

/// Attribute values of a node by name, in the order of the operator's specs.
class Attributes {
 public:
  void set(std::string_view name, AttributeValue value);
  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::int64_t integer(std::string_view name) const;
  double number(std::string_view name) const;
  const std::string& word(std::string_view name) const;
  const std::vector<std::pair<std::string, AttributeValue>>& all() const { return values_; }
  bool operator==(const Attributes&) const = default;

 private:
  const AttributeValue* find(std::string_view name) const;
  const AttributeValue& at(std::string_view name) const;
  std::vector<std::pair<std::string, AttributeValue>> values_;
};

/// `text` read as the kind of value that `spec` wants, range and choices checked. Throws Error
/// naming `where` and the attribute.
AttributeValue parse_attribute(const AttributeSpec& spec, std::string_view text,
                               std::string_view where);

/// As it is typed in a model's text.
std::string attribute_text(const AttributeValue& value);

}  // namespace rectify::graph
