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

/// The description of one attribute of an operator: `dense 1000 bias=no` has units (positional) and
/// bias.
struct AttributeSpec {
  std::string_view name;
  AttributeValue initial;    ///< the default, which also sets the attribute's kind
  bool positional = false;   ///< users type it without its name, in the order of the specs
  double low = 0, high = 0;  ///< for a number: its range, inclusive
  std::span<const std::string_view> choices = {};  ///< for a word: its possible values
  std::string_view meaning = {};
};

/// A node's attribute values by name, in the order of the operator's specs.
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

/// Throws Error unless `value` is of the kind that `spec` wants and, of a word with choices, one of
/// them or the default. The error names `where` and the attribute.
void check_kind(const AttributeSpec& spec, const AttributeValue& value, std::string_view where);

/// Throws Error for a number out of the range of `spec`.
void check_range(const AttributeSpec& spec, const AttributeValue& value, std::string_view where);

/// Reads `text` as a value of the kind that `spec` wants, and checks range and choices. Throws
/// Error, which names `where` and the attribute.
AttributeValue parse_attribute(const AttributeSpec& spec, std::string_view text,
                               std::string_view where);

/// The value as it is written in a model's text.
std::string attribute_text(const AttributeValue& value);

}  // namespace rectify::graph
